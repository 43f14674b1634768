import { createLogger } from '@parley/telemetry';
import type { RevocationFeed } from './revocation.feed.js';

const log = createLogger('revocation');
const TRY_AGAIN_MS = 1_000;

/**
 * Has the keys fetched anew whenever their set changes, until that succeeds: a revoked key verifies nothing a moment later.
 * @param then what to do with what the earlier keys let in
 */
export function refreshKeysOnChange(
  feed: Pick<RevocationFeed, 'listen'>,
  verifier: { refresh(): Promise<void> },
  then: () => void = () => undefined,
  tryAgainMs = TRY_AGAIN_MS,
): void {
  let wanted = 0;
  const refresh = async (): Promise<void> => {
    const asOf = ++wanted;
    for (;;) {
      try {
        await verifier.refresh();
        then();
        return;
      } catch (error) {
        log.warn({ err: error }, 'verification keys cannot be read for now');
      }
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs).unref());
      // A later wish goes on trying.
      if (asOf !== wanted) return;
    }
  };
  feed.listen({ revoked: () => undefined, gap: () => undefined, keysChanged: () => void refresh() });
}
