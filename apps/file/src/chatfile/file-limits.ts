import type { AppSettingsDirectory } from '@parley/app-settings';
import { BusError } from '@parley/bus';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';

/** What an app's settings say about its files. */
export interface FileLimits {
  readonly lifetimeDays: number;
  readonly maxBytes: number;
  readonly quotaBytes: number;
  /** How long a message of the history keeps the files that it names. */
  readonly historyDays: number;
}

/** Limits of apps, by their settings. */
export class FileLimitsOf {
  constructor(private readonly settings: Pick<AppSettingsDirectory, 'of'>) {}

  /** @throws DomainError unavailable */
  async of({ appId }: Pick<TenantRef, 'appId'>): Promise<FileLimits> {
    const found = await this.settings.of(appId).catch((error: unknown) => {
      throw error instanceof BusError ? new DomainError('unavailable', {}, { cause: error }) : error;
    });
    return {
      lifetimeDays: found.attachmentDays,
      maxBytes: found.attachmentBytes,
      quotaBytes: found.attachmentStorageBytes,
      historyDays: found.historyDays,
    };
  }
}
