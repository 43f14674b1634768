import { type Bus, eventSubjects } from '@parley/bus';
import type { events } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import type { Pool } from 'pg';
import type { FileLimitsOf } from '../chatfile/file-limits.js';
import type { BundleReader } from './bundle.reader.js';
import { filesNamedIn } from './reference.rules.js';

const DAY_MS = 86_400_000;

/** Messages of the history keep the files that they name, themselves or in a merged forward, for as long as they are kept. */
export class References {
  constructor(
    private readonly pool: Pool,
    private readonly limits: FileLimitsOf,
    private readonly bundles: BundleReader,
  ) {}

  async consume(bus: Bus): Promise<void> {
    await bus.consumeEvents(eventSubjects.messagesWithFilesStored, 'file-references', ({ appId, messages }) => this.messagesCame(appId, messages));
    await bus.consumeEvents(eventSubjects.messageImported, 'file-imported', ({ appId, id, meta }) => this.messagesCame(appId, [{ id, meta }]));
    const gone = ({ appId, messageId }: { appId: number; messageId: bigint }) => this.messagesGone(appId, [messageId]);
    await bus.consumeEvents(eventSubjects.messageRecalled, 'file-recalled', gone);
    await bus.consumeEvents(eventSubjects.messageExpired, 'file-message-expired', gone);
  }

  /** Safe to repeat. */
  async messagesCame(appId: number, messages: readonly Pick<events.StoredMessage, 'id' | 'meta'>[]): Promise<void> {
    const named: { id: bigint; fileId: string }[] = [];
    for (const { id, meta } of messages) {
      const { files, bundles } = filesNamedIn(meta);
      const inside = bundles.length === 0 ? [] : await this.bundles.filesIn(appId, bundles);
      for (const fileId of new Set([...files, ...inside])) named.push({ id, fileId });
    }
    if (named.length === 0) return;
    const { historyDays } = await this.limits.of({ appId });
    await this.pool.query('SELECT add_references($1, $2, $3, $4)', [
      named.map(() => appId),
      named.map((one) => one.fileId),
      named.map((one) => one.id),
      named.map((one) => new Date(idToMilliseconds(one.id) + historyDays * DAY_MS)),
    ]);
  }

  /** Messages are gone for everybody (recalled, expired). Safe to repeat. One that is told before its message was stored finds nothing; the
   * message's own end then decides. */
  async messagesGone(appId: number, ids: readonly bigint[]): Promise<void> {
    await this.pool.query('SELECT remove_references($1, $2)', [ids.map(() => appId), ids]);
  }
}
