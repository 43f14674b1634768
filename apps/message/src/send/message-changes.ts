import type { message } from '@parley/contracts';
import type { Party } from '../conversation/conversation.store.js';

/** A message of a client that changes another message: both sides known, not yet checked any further. */
export interface ChangeOrder {
  readonly item: message.SendItem;
  readonly sender: Party;
  readonly recipient: Party;
  /** W3C trace context; empty when not sampled. */
  readonly traceparent: string;
}

/** What the editor or recaller is answered. */
export interface ChangeOutcome {
  readonly id: bigint;
  /** Complete encoded Metas for the answer. */
  readonly metas: readonly Uint8Array[];
}

/** Carries out messages that change others. @throws DomainError */
export interface MessageChanges {
  recall(order: ChangeOrder): Promise<ChangeOutcome>;
  edit(order: ChangeOrder): Promise<ChangeOutcome>;
}
