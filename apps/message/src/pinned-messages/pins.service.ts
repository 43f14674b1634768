import type { AppSettingsDirectory } from '@parley/app-settings';
import type { pinnedMessage } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { ConversationAccess, OwnConversation } from '../conversation/conversation-access.js';
import type { OwnDevices } from '../multi-device/own-devices.js';
import type { KeptHistory } from '../retention/kept-history.js';
import type { PinStore } from './pins.store.js';

const PAGE = { default: 10, most: 50 };
const MOST_ID = 2n ** 63n - 1n;
const CURSOR = /^(\d{1,15})\.(\d{1,19})$/;

/** Messages that are pinned for both sides of a conversation. */
export class PinService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly store: PinStore,
    private readonly devices: OwnDevices,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly kept: KeptHistory,
  ) {}

  /** @throws DomainError pinned_message_not_found | pin_limit | group_unknown | user_not_found */
  async pin(request: pinnedMessage.PinMessageRequest): Promise<pinnedMessage.PinMessageResponse> {
    const own = await this.#own(request);
    const { appId } = request.actor!.tenant!;
    if (!own || request.id > MOST_ID) throw new DomainError('pinned_message_not_found');
    const { pinnedMessagesMost } = await this.settings.of(appId);
    const outcome = await this.store.pin(own, request.id, await this.kept.floorId(appId), Date.now(), pinnedMessagesMost);
    if (outcome === 'missing') throw new DomainError('pinned_message_not_found');
    if (outcome === 'full') throw new DomainError('pin_limit');
    await this.#tell(request, own, 'pin');
    return {};
  }

  /** @throws DomainError message_not_pinned | group_unknown | user_not_found */
  async unpin(request: pinnedMessage.PinMessageRequest): Promise<pinnedMessage.PinMessageResponse> {
    const own = await this.#own(request);
    if (!own || request.id > MOST_ID || !(await this.store.unpin(own, request.id))) throw new DomainError('message_not_pinned');
    await this.#tell(request, own, 'pin_delete');
    return {};
  }

  /** @throws DomainError illegal_argument for a foreign cursor | group_unknown | user_not_found */
  async list({ tenant, username, conversation, limit, cursor }: pinnedMessage.ListPinnedMessagesRequest): Promise<pinnedMessage.ListPinnedMessagesResponse> {
    const parts = CURSOR.exec(cursor);
    if (cursor !== '' && !parts) throw new DomainError('illegal_argument', { detail: 'cursor: not one of this list' });
    const user = await this.access.user(tenant!, username);
    const own = await this.access.find(tenant!, user, conversation!);
    if (!own) return { messages: [], nextCursor: '' };
    const size = Math.min(limit || PAGE.default, PAGE.most);
    const before = parts ? { ms: BigInt(parts[1]!), id: BigInt.asIntN(64, BigInt(parts[2]!)) } : undefined;
    const rows = await this.store.list(own, await this.kept.floorId(tenant!.appId), before, size + 1);
    const page = rows.slice(0, size);
    const last = page.at(-1);
    return {
      messages: page.map(({ id, operator, pinned_ms, meta }) => ({
        operator,
        pinnedMs: BigInt(pinned_ms),
        meta: completeMeta(BigInt(id), BigInt(idToMilliseconds(BigInt(id))), meta),
      })),
      nextCursor: rows.length > size && last ? `${last.pinned_ms}.${last.id}` : '',
    };
  }

  async #own({ actor, conversation }: pinnedMessage.PinMessageRequest): Promise<OwnConversation | undefined> {
    const user = await this.access.user(actor!.tenant!, actor!.username);
    return this.access.find(actor!.tenant!, user, conversation!);
  }

  #tell({ actor, conversation, id }: pinnedMessage.PinMessageRequest, { user, peer }: OwnConversation, op: 'pin' | 'pin_delete'): Promise<void> {
    // A side that is only a name has no devices, and one who writes to himself is told once.
    const also = peer.id > 0n && peer.id !== user.id ? [peer] : [];
    return this.devices.tell(actor!, user, { op, conversation: conversation!, ext: String(id) }, also);
  }
}
