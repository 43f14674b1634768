import type { TenantRef } from '@parley/kernel';

/** What an app's settings say about its files. */
export interface FileLimits {
  /** 0 = for ever. */
  readonly lifetimeDays: number;
  readonly maxBytes: number;
  /** 0 = none. */
  readonly quotaBytes: number;
  /** How long a message of the history keeps the files that it names. */
  readonly historyDays: number;
}

export interface FileLimitsOf {
  of(tenant: Pick<TenantRef, 'appId'>): Promise<FileLimits>;
}

export const FILE_LIMITS = Symbol('file limits of apps');
