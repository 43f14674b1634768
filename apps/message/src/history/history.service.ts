import type { history } from '@parley/contracts';
import { foldUsername, idToMilliseconds } from '@parley/kernel';
import { completeMeta, withBodyState } from '@parley/msync';
import type { ConversationAccess, OwnConversation } from '../conversation/conversation-access.js';
import { reactionMeta, type ReactionStore, type ReactionSummary } from '../reaction/reaction.store.js';
import type { KeptHistory } from '../retention/kept-history.js';
import { isOfTypes, MOST_ROWS_READ, storedTypes, type Walk, walkOf } from './history.rules.js';
import type { Filter, HistoryRow, HistoryStore, Receipts } from './history.store.js';

/** Beside content, a conversation holds receipts: what is read ahead of a page for them. */
const ROWS_PER_MESSAGE = 3;
/** A page also ends here, to fit a gRPC answer. */
const MOST_BYTES = 1024 * 1024;

interface Shown extends HistoryRow {
  readonly meta: Buffer;
}

/** Pages of a conversation as one of its users sees it. */
export class HistoryService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly store: HistoryStore,
    private readonly kept: KeptHistory,
    private readonly reactions: ReactionStore,
  ) {}

  /** @throws DomainError history_disabled | user_not_found | group_unknown */
  async fetch(request: history.FetchHistoryRequest): Promise<history.FetchHistoryResponse> {
    const tenant = request.tenant!;
    await this.kept.checkOpen(tenant.appId, 'history_disabled');
    const user = await this.access.user(tenant, request.username);
    const own = await this.access.find(tenant, user, request.conversation!);
    if (!own) return { messages: [], nextCursor: 0n, isLast: true };
    const walk = walkOf(request, await this.kept.floorId(tenant.appId));
    const { shown, next } = await this.#page(own, walk, filterOf(request, own), request.contentTypes);
    const ids = shown.map((row) => row.id);
    const [receipts, reactions] = await Promise.all([
      this.store.receipts(own, ids),
      this.reactions.reactionsOf(tenant.appId, ids, own.user.id),
    ]);
    return {
      messages: shown.map((row) => ({ id: row.id, meta: asHistory(own, row, receipts, reactions.get(row.id) ?? []) })),
      nextCursor: next ?? 0n,
      isLast: next === undefined,
    };
  }

  /** @returns next: the last row read, when something may follow it */
  async #page(own: OwnConversation, walk: Walk, filter: Filter, contentTypes: readonly number[]): Promise<{ shown: Shown[]; next: bigint | undefined }> {
    const shown: Shown[] = [];
    let at = walk;
    let bytes = 0;
    for (let read = 0; read < MOST_ROWS_READ; ) {
      const count = Math.min(read === 0 ? walk.limit * ROWS_PER_MESSAGE : 500, MOST_ROWS_READ - read);
      const rows = await this.store.rows(own, at, filter, count);
      for (const [i, row] of rows.entries()) {
        if (row.meta === null || !isOfTypes(contentTypes, { bodyType: row.bodyType, meta: row.meta })) continue;
        shown.push(row as Shown);
        bytes += row.meta.length;
        const more = i + 1 < rows.length || rows.length === count;
        if (shown.length === walk.limit || bytes > MOST_BYTES) return { shown, next: more ? row.id : undefined };
      }
      if (rows.length < count) return { shown, next: undefined };
      read += rows.length;
      const last = rows.at(-1)!.id;
      at = walk.forward ? { ...at, after: last } : { ...at, before: last };
    }
    return { shown, next: walk.forward ? at.after : at.before };
  }
}

function filterOf({ contentTypes, sender }: history.FetchHistoryRequest, { user, peer }: OwnConversation): Filter {
  const name = foldUsername(sender);
  const nobody = 2n ** 62n;
  return { contentTypes: storedTypes(contentTypes), senderId: sender === '' ? undefined : name === user.name ? user.id : name === peer.name ? peer.id : nobody };
}

/** The message with what became of it, in the words that clients read. */
function asHistory(own: OwnConversation, row: Shown, { delivered, read }: Receipts, reactions: readonly ReactionSummary[]): Buffer {
  const readAllId = row.senderId === own.user.id ? own.peerReadAllId : own.readAllId;
  const isRead = read.has(row.id) || row.id <= readAllId;
  const state = { ...(isRead ? { isRead } : {}), ...(isRead || delivered.has(row.id) ? { isDelivered: true } : {}), ...(reactions.length > 0 ? { reaction: reactionMeta(reactions) } : {}) };
  return completeMeta(row.id, BigInt(idToMilliseconds(row.id)), withBodyState(row.meta, state));
}
