import type { history, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import type { Pool } from 'pg';
import type { ConversationStore, Party } from './conversation.store.js';
import { directoryKey, type UserDirectory } from './user-directory.js';

/** A conversation that its user may see. Made only here, where it is checked that he is one of its two sides. */
export interface OwnConversation {
  readonly appId: number;
  readonly conversationId: bigint;
  readonly user: Party;
  readonly peer: Party;
  /** What this user has cleared and hidden, and how far the two sides have read all. */
  readonly clearedId: bigint;
  readonly hides: boolean;
  readonly readAllId: bigint;
  readonly peerReadAllId: bigint;
  readonly lastId: bigint;
}

interface Row {
  conversation_id: string;
  peer_id: string;
  cleared_id: string;
  hides: boolean;
  read_all_id: string;
  peer_read_all_id: string;
  last_id: string;
}

/** The only way from a user and the name of another to their conversation. */
export class ConversationAccess {
  constructor(
    private readonly pool: Pool,
    private readonly directory: UserDirectory,
    private readonly conversations: ConversationStore,
  ) {}

  /** @throws DomainError user_not_found */
  async user(tenant: Tenant, username: string): Promise<Party> {
    const found = await this.#resolve(tenant, username);
    if (!found) throw new DomainError('user_not_found');
    return found;
  }

  /**
   * The conversation, or undefined where nothing was ever said. A deleted user and a later one of the same name have one
   * each: the one with the newer content counts.
   * @throws DomainError group_unknown
   */
  async find(tenant: Tenant, user: Party, { peer, group }: history.ConversationRef): Promise<OwnConversation | undefined> {
    if (group) throw new DomainError('group_unknown', { id: peer.slice(0, 64) });
    const name = foldUsername(peer);
    const { rows } = await this.pool.query<Row>({
      name: 'own-conversation',
      text: `SELECT c.conversation_id, c.last_id, CASE WHEN c.user_a = $2 THEN c.user_b ELSE c.user_a END AS peer_id,
          coalesce(e.cleared_id, 0) AS cleared_id, coalesce(e.hides, false) AS hides, coalesce(e.read_all_id, 0) AS read_all_id,
          coalesce(p.read_all_id, 0) AS peer_read_all_id
        FROM conversation c
        LEFT JOIN inbox e ON e.app_id = c.app_id AND e.user_id = $2 AND e.conversation_id = c.conversation_id
        LEFT JOIN inbox p ON p.app_id = c.app_id AND p.conversation_id = c.conversation_id
          AND p.user_id = CASE WHEN c.user_a = $2 THEN c.user_b ELSE c.user_a END
        WHERE c.app_id = $1 AND ((c.user_a = $2 AND c.name_b = $3) OR (c.user_b = $2 AND c.name_a = $3)) AND c.user_a <> 0
        ORDER BY greatest(c.last_content_id, c.last_id) DESC LIMIT 1`,
      values: [tenant.appId, user.id, name],
    });
    const [row] = rows;
    if (!row) return undefined;
    return {
      appId: tenant.appId,
      conversationId: BigInt(row.conversation_id),
      user,
      peer: { id: BigInt(row.peer_id), name },
      clearedId: BigInt(row.cleared_id),
      hides: row.hides,
      readAllId: BigInt(row.read_all_id),
      peerReadAllId: BigInt(row.peer_read_all_id),
      lastId: BigInt(row.last_id),
    };
  }

  /** As `find`, and made where it is missing. @throws DomainError recipient_not_found | group_unknown */
  async findOrMake(tenant: Tenant, user: Party, ref: history.ConversationRef): Promise<OwnConversation> {
    const found = await this.find(tenant, user, ref);
    if (found) return found;
    const peer = await this.#resolve(tenant, ref.peer);
    if (!peer) throw new DomainError('recipient_not_found', { username: ref.peer.slice(0, 64) });
    await this.conversations.ofPairs([{ appId: tenant.appId, one: user, other: peer }]);
    return (await this.find(tenant, user, ref))!;
  }

  async #resolve({ appId }: Tenant, username: string): Promise<Party | undefined> {
    const name = foldUsername(username);
    const found = await this.directory.resolve([{ appId, username: name }]);
    const id = found.get(directoryKey(appId, name));
    return id === undefined ? undefined : { id, name };
  }
}
