import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { LongWindows, RateLimiter } from '@parley/rates';

export const rateProviders = [
  { provide: AppSettingsDirectory, inject: [Bus], useFactory: (bus: Bus) => new AppSettingsDirectory(bus) },
  {
    provide: RateLimiter,
    inject: [Bus, AppSettingsDirectory],
    useFactory: (bus: Bus, settings: AppSettingsDirectory) => new RateLimiter(bus, settings, new LongWindows(bus)),
  },
];
