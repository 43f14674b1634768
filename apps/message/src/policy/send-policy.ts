import type { AppSettings, AppSettingsDirectory } from '@parley/app-settings';
import type { ErrorCode } from '@parley/errors';
import type { PolicyDirectory } from './policy-directory.js';
import { refusalOf } from './policy.rules.js';

/** A user who writes to another user. */
export interface Direct {
  readonly appId: number;
  readonly senderId: bigint;
  readonly recipientId: bigint;
}

const NOTHING_BETWEEN = { blocked: false, contact: true };

/** Whether users may write to each other. For what a user says himself: not for a server's messages, not for receipts. */
export class SendPolicy {
  constructor(
    private readonly directory: Pick<PolicyDirectory, 'of'>,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /**
   * Why each is refused, in the order asked; undefined = it is not. One request for all that is not known.
   * @throws BusError when something is not known and cannot be asked: to be tried again, never to be let through
   */
  async refusals(sends: readonly Direct[]): Promise<(ErrorCode | undefined)[]> {
    if (sends.length === 0) return [];
    const [known, settings] = await Promise.all([
      this.directory.of([...sends, ...sends.map((one) => ({ ...one, recipientId: 0n }))]),
      this.#settingsOf(sends),
    ]);
    const nowMs = Date.now();
    return sends.map((one, i) => {
      const between = one.senderId === one.recipientId ? NOTHING_BETWEEN : known[i]!;
      return refusalOf(known[sends.length + i]!, between, settings.get(one.appId)!, nowMs);
    });
  }

  async #settingsOf(sends: readonly Direct[]): Promise<Map<number, AppSettings>> {
    const appIds = [...new Set(sends.map((one) => one.appId))];
    return new Map(await Promise.all(appIds.map(async (appId) => [appId, await this.settings.of(appId)] as const)));
  }
}
