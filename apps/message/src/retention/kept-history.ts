import type { AppSettingsDirectory } from '@parley/app-settings';
import { DomainError, type ErrorCode } from '@parley/errors';
import { idAt, keptSinceMs } from './retention.rules.js';

/** How much of an app's messages is to be seen. */
export class KeptHistory {
  constructor(
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws DomainError the given code where the app has switched history off */
  async checkOpen(appId: number, otherwise: ErrorCode): Promise<void> {
    if (!(await this.settings.of(appId)).historyEnabled) throw new DomainError(otherwise);
  }

  /** Milliseconds since 1970. @throws BusError when the app's settings are not known */
  async sinceMs(appId: number): Promise<number> {
    return keptSinceMs((await this.settings.of(appId)).historyDays, this.now());
  }

  /** Messages with smaller ids are hidden. @throws BusError as above */
  async floorId(appId: number): Promise<bigint> {
    return idAt(await this.sinceMs(appId));
  }

  /** For delivery, which must go on while settings cannot be asked for: then everything that is stored is shown. */
  async deliveryFloorMs(appId: number): Promise<number> {
    try {
      return await this.sinceMs(appId);
    } catch {
      return 0;
    }
  }
}
