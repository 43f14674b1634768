import type { AppSettingsDirectory } from '@parley/app-settings';
import type { trace } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { traceSteps } from './trace.rules.js';
import type { TraceStore } from './trace.store.js';

const DAY_MS = 86_400_000;

/** What became of a message: from its row, the rows that refer to it, devices' positions and marks. */
export class TraceService {
  constructor(
    private readonly store: TraceStore,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /** @throws DomainError trace_not_found: no such message in this app, or older than the app keeps traces */
  async trace({ tenant, messageId }: trace.TraceMessageRequest): Promise<trace.TraceMessageResponse> {
    const { appId } = tenant!;
    const { traceDays } = await this.settings.of(appId);
    const unknown = new DomainError('trace_not_found', { id: String(messageId) });
    if (Date.now() - idToMilliseconds(messageId) > traceDays * DAY_MS) throw unknown;
    const message = await this.store.message(appId, messageId);
    if (!message || message.bodyType >> 4 > 2) throw unknown;
    const { conversationId, a, b } = message;
    const [references, marks, cursors] = await Promise.all([
      this.store.references(appId, conversationId, messageId),
      this.store.marks(appId, conversationId, messageId),
      this.store.cursors(appId, conversationId, [a.id, b.id], messageId),
    ]);
    const [sender, recipient] = message.senderId === b.id ? [b, a] : [a, b];
    return { messageId, from: sender.name, to: recipient.name, seq: message.seq, steps: traceSteps({ messageId, message, references, marks, cursors }) };
  }
}
