import { Inject, Injectable } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { API_CONFIG, type ApiConfig } from '../config.js';

/** How long a message may be. */
@Injectable()
export class MessageSize {
  constructor(
    @Inject(AppSettingsDirectory) private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'maxMessageBytes'>,
  ) {}

  /** Bytes of body and ext as JSON: the app's limit within that of the process, which alone counts while auth does not answer. */
  async limitsOf({ appId }: { appId: number }): Promise<{ maxMessageBytes: number }> {
    const { maxMessageBytes } = this.config;
    const own = await this.settings.of(appId).catch(() => undefined);
    return { maxMessageBytes: Math.min(own?.messageBytes ?? maxMessageBytes, maxMessageBytes) };
  }
}
