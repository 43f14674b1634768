import type { message } from '@parley/contracts';
import type { DetachedSpan } from '@parley/telemetry';

/** A message received from a client and not yet answered. */
export interface PendingSend {
  readonly item: message.SendItem;
  /** The client's id, which the answer repeats. */
  readonly metaId: bigint;
  /** After this moment the client has given up. */
  readonly deadlineMs: number;
  readonly span: DetachedSpan;
}
