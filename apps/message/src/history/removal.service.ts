import type { history, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { ConversationAccess } from '../conversation/conversation-access.js';
import type { OwnDevices } from '../multi-device/own-devices.js';
import { idAt } from '../retention/retention.rules.js';
import type { KeptHistory } from '../retention/kept-history.js';
import type { RemovalStore } from './removal.store.js';

const MOST_IDS = 50;
const MOST_ID = 2n ** 63n - 1n;

/** Removing from history. Everything here may be repeated. */
export class RemovalService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly store: RemovalStore,
    private readonly devices: OwnDevices,
    private readonly kept: KeptHistory,
  ) {}

  /** @throws DomainError roaming_disabled | user_not_found | group_unknown | roaming_too_many_ids */
  async remove({ actor: by, byIds, upTo, everything, notify }: history.RemoveHistoryRequest): Promise<history.RemoveHistoryResponse> {
    const actor = by!;
    const tenant = actor.tenant!;
    await this.kept.checkOpen(tenant.appId, 'roaming_disabled');
    const user = await this.access.user(tenant, actor.username);
    if (everything) await this.store.clearEverything(tenant.appId, user.id);
    const conversation = byIds?.conversation ?? upTo?.conversation;
    if (conversation) {
      if (byIds && byIds.ids.length > MOST_IDS) throw new DomainError('roaming_too_many_ids');
      const own = await this.access.find(tenant, user, conversation);
      if (own && byIds) await this.store.hide(own, byIds.ids.filter((id) => id <= MOST_ID));
      if (own && upTo) await this.store.clear(own, lastIdOf(upTo.timeMs));
    }
    if (notify) await this.devices.tellRemoved(actor, user, conversation);
    return {};
  }

  /** @throws DomainError message_not_found */
  async removeForAll(tenant: Tenant, id: bigint): Promise<void> {
    if (id > MOST_ID || !(await this.store.removeForAll(tenant.appId, id))) throw new DomainError('message_not_found', { id: String(id) });
  }

  /** @throws DomainError message_not_found */
  async find({ tenant, id }: history.FindMessageRequest): Promise<history.FindMessageResponse> {
    const { appId } = tenant!;
    const found = id > MOST_ID || id < (await this.kept.floorId(appId)) ? undefined : await this.store.find(appId, id);
    if (!found) throw new DomainError('message_not_found', { id: String(id) });
    return {
      conversationId: BigInt(found.conversation_id),
      seq: BigInt(found.seq),
      state: found.state,
      edits: found.edits,
      sender: found.sender,
      recipient: found.recipient,
      meta: found.state === 0 ? completeMeta(id, BigInt(idToMilliseconds(id)), found.meta) : Buffer.alloc(0),
    };
  }
}

/** The largest id of that millisecond. */
function lastIdOf(timeMs: bigint): bigint {
  const ms = Number(timeMs);
  return ms >= 8e12 ? MOST_ID : idAt(ms + 1) - 1n;
}
