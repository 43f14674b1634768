import type { AppSettingsDirectory } from '@parley/app-settings';
import type { conversation } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { ConversationAccess } from '../conversation/conversation-access.js';
import type { OwnDevices } from '../multi-device/own-devices.js';
import type { KeptHistory } from '../retention/kept-history.js';
import type { InboxStore } from './inbox.store.js';
import type { ListStore } from './list.store.js';

const PAGE = { default: 20, most: 50 };
const MARKS = 20;
const MOST_TARGETS = 20;
const MOST_SKIPPED = 10_000;
const CURSOR = /^(\d{1,19})\.(\d{1,19})$/;
const NOTHING = Buffer.alloc(0);

/** The list of a user's conversations, and what he does to it. */
export class ListService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly list: ListStore,
    private readonly inbox: InboxStore,
    private readonly devices: OwnDevices,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly kept: KeptHistory,
  ) {}

  /** @throws DomainError user_not_found | illegal_argument for a foreign cursor */
  async page(request: conversation.ListConversationsRequest): Promise<conversation.ListConversationsResponse> {
    const tenant = request.tenant!;
    const user = await this.access.user(tenant, request.username);
    const { restConversations, conversationsMost } = await this.settings.of(tenant.appId);
    const limit = Math.min(request.limit || PAGE.default, PAGE.most);
    const rows = await this.list.page({
      appId: tenant.appId,
      userId: user.id,
      limit: limit + 1,
      skip: Math.min(request.skip, MOST_SKIPPED),
      after: cursorOf(request.cursor),
      topOnly: request.topOnly,
      marks: request.marks,
      withoutEmpty: request.withoutEmpty,
      rest: restConversations,
      most: conversationsMost,
      floor: await this.kept.floorId(tenant.appId),
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      conversations: page.map((row) => ({
        peer: row.peer,
        group: false,
        topMs: BigInt(row.top_ms ?? 0),
        marks: row.marks,
        unread: row.unread,
        lastMeta: row.last_id === null ? NOTHING : metaOf(BigInt(row.last_id), row.last_meta!),
      })),
      nextCursor: rows.length > limit && last ? `${last.position}.${last.conversation_id}` : '',
    };
  }

  /** @throws DomainError conversation_pin_limit | recipient_not_found | group_unknown | user_not_found */
  async setTop({ actor: by, conversation: ref, top }: conversation.SetTopRequest): Promise<conversation.SetTopResponse> {
    const actor = by!;
    const tenant = actor.tenant!;
    const user = await this.access.user(tenant, actor.username);
    const own = await this.access.findOrMake(tenant, user, ref!);
    let topMs = 0n;
    if (top) {
      const { pinnedConversationsMost } = await this.settings.of(tenant.appId);
      const pinned = await this.inbox.pin(own, Date.now(), pinnedConversationsMost);
      if (pinned === undefined) throw new DomainError('conversation_pin_limit');
      topMs = pinned;
    } else await this.inbox.unpin(own);
    await this.devices.tell(actor, user, { op: top ? 'top' : 'not_top', conversation: ref! });
    return { topMs };
  }

  /** @throws DomainError conversation_mark_illegal | illegal_argument | group_unknown | user_not_found */
  async setMark({ actor: by, conversations, mark, set }: conversation.SetMarkRequest): Promise<conversation.SetMarkResponse> {
    if (mark >= MARKS) throw new DomainError('conversation_mark_illegal');
    if (conversations.length > MOST_TARGETS) throw new DomainError('illegal_argument', { detail: `targets: at most ${MOST_TARGETS}` });
    const actor = by!;
    const tenant = actor.tenant!;
    const user = await this.access.user(tenant, actor.username);
    const ignored: typeof conversations = [];
    for (const ref of conversations) {
      const own = await this.access.findOrMake(tenant, user, ref).catch((error: unknown) => {
        if (error instanceof DomainError && error.code === 'recipient_not_found') return undefined;
        throw error;
      });
      if (!own) {
        ignored.push(ref);
        continue;
      }
      await (set ? this.inbox.mark(own, mark) : this.inbox.unmark(own, mark));
      await this.devices.tell(actor, user, { op: set ? 'mark' : 'mark_delete', conversation: ref, ext: `mark_${mark}` });
    }
    return { ignored };
  }

  /** @throws DomainError group_unknown | user_not_found */
  async delete({ actor: by, conversation: ref, deleteHistory }: conversation.DeleteConversationRequest): Promise<conversation.DeleteConversationResponse> {
    const actor = by!;
    const user = await this.access.user(actor.tenant!, actor.username);
    const own = await this.access.find(actor.tenant!, user, ref!);
    if (own) await this.inbox.delete(own, deleteHistory);
    await this.devices.tell(actor, user, { op: 'del', conversation: ref! });
    return {};
  }
}

function metaOf(id: bigint, body: Buffer): Buffer {
  return completeMeta(id, BigInt(idToMilliseconds(id)), body);
}

function cursorOf(text: string): { position: bigint; conversationId: bigint } | undefined {
  if (text === '') return undefined;
  const parts = CURSOR.exec(text);
  const [position, conversationId] = parts ? [BigInt(parts[1]!), BigInt(parts[2]!)] : [2n ** 64n, 0n];
  if (position >= 2n ** 63n || conversationId >= 2n ** 63n) throw new DomainError('illegal_argument', { detail: 'cursor: not one of this list' });
  return { position, conversationId };
}
