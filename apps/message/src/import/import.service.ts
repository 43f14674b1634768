import { type Bus, eventSubjects } from '@parley/bus';
import type { transfer } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { completeMeta, encodeMetaBody, inspectMessageBody, NameSpace, userJid, withBodyState } from '@parley/msync';
import type { Pool } from 'pg';
import type { ConversationStore } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import type { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';

const DAY_MS = 86_400_000;

/** Takes in what was said elsewhere, with its own time. No device is told of it, and it counts as unread for nobody. */
export class ImportService {
  readonly #weeks = new Set<number>();

  constructor(
    private readonly pool: Pool,
    private readonly bus: Pick<Bus, 'publishEvent'>,
    private readonly directory: UserDirectory,
    private readonly conversations: ConversationStore,
    private readonly kept: KeptHistory,
    private readonly rememberDays: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Safe to repeat. @throws DomainError import_time_illegal | recipient_not_found; BusError */
  async import(request: transfer.ImportMessageRequest): Promise<transfer.ImportMessageResponse> {
    const tenant = request.tenant!;
    const now = this.now();
    const timed = request.timeMs !== 0n;
    const timeMs = timed ? Number(request.timeMs) : now;
    const since = await this.kept.sinceMs(tenant.appId);
    if (timeMs < since || timeMs > now) throw new DomainError('import_time_illegal', { days: String(Math.round((now - since) / DAY_MS)) });
    const [from, to] = [foldUsername(request.from), foldUsername(request.to)];
    const users = await this.directory.resolve([from, to].map((username) => ({ appId: tenant.appId, username })));
    const recipientId = users.get(directoryKey(tenant.appId, to));
    if (recipientId === undefined) throw new DomainError('recipient_not_found', { username: to.slice(0, 64) });
    const senderId = users.get(directoryKey(tenant.appId, from)) ?? (await this.conversations.namedSender(tenant.appId, from));
    const [conversationId] = await this.conversations.ofPairs([
      { appId: tenant.appId, one: { id: senderId, name: from }, other: { id: recipientId, name: to } },
    ]);
    const { type, contentType } = inspectMessageBody(request.payload);
    const jid = (name: string) => userJid(`${tenant.org}#${tenant.app}`, name);
    const meta = encodeMetaBody({ from: jid(from), to: jid(to), ns: NameSpace.CHAT, payload: request.payload, ext: [] });
    await this.#ensurePartition(timeMs);
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'import',
      text: 'SELECT import_message($1, $2, $3, $4, $5, $6, $7, $8, $9) AS id',
      values: [
        tenant.appId,
        conversationId,
        senderId,
        BigInt.asIntN(64, request.clientId),
        timeMs,
        (type << 4) | ((contentType ?? 0) & 0xf),
        Buffer.from(request.isRead ? withBodyState(meta, { isRead: true, isDelivered: true }) : meta),
        idAt(timed ? timeMs : now - this.rememberDays * DAY_MS),
        idAt(timeMs + 1),
      ],
    });
    const id = BigInt(rows[0]!.id);
    // Files that it names live as long as it. Should nobody hear of it, the caller is told to try again, and finds the same id.
    await this.bus.publishEvent(eventSubjects.messageImported, tenant.appId, { appId: tenant.appId, id, meta: completeMeta(id, BigInt(timeMs), meta) });
    return { id };
  }

  async #ensurePartition(timeMs: number): Promise<void> {
    const week = Math.floor(timeMs / (7 * DAY_MS));
    if (this.#weeks.has(week)) return;
    await this.pool.query('SELECT ensure_message_partitions($1, 1)', [new Date(timeMs)]);
    this.#weeks.add(week);
  }
}
