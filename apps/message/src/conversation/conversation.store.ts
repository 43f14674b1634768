import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

const CACHE_ENTRIES = 100_000;

/** One side of a conversation. */
export interface Party {
  readonly id: bigint;
  readonly name: string;
}

/** Conversations of two parties, and the ids of senders that are only a name. */
export class ConversationStore {
  /** A pair's conversation never changes, so entries cannot become wrong; the bound is for memory. */
  readonly #ids = new LRUCache<string, bigint>({ max: CACHE_ENTRIES });

  constructor(private readonly pool: Pool) {}

  /** The conversation of each pair, made where missing, in the order asked. */
  async ofPairs(pairs: readonly { appId: number; one: Party; other: Party }[]): Promise<bigint[]> {
    const sorted = pairs.map(({ appId, one, other }) =>
      one.id <= other.id ? { appId, a: one, b: other } : { appId, a: other, b: one },
    );
    const missing = new Map<string, (typeof sorted)[number]>();
    for (const pair of sorted) if (!this.#ids.has(pairKey(pair))) missing.set(pairKey(pair), pair);
    const made = missing.size > 0 ? await this.#make([...missing.values()]) : new Map<string, bigint>();
    return sorted.map((pair) => (made.get(pairKey(pair)) ?? this.#ids.get(pairKey(pair)))!);
  }

  /** The conversation of one pair, if they ever had one. */
  async ofPair(appId: number, one: Party, other: Party): Promise<bigint | undefined> {
    const pair = one.id <= other.id ? { appId, a: one, b: other } : { appId, a: other, b: one };
    const known = this.#ids.get(pairKey(pair));
    if (known !== undefined) return known;
    const { rows } = await this.pool.query<{ conversation_id: string }>({
      name: 'conversation-of-pair',
      text: 'SELECT conversation_id FROM conversation WHERE app_id = $1 AND user_a = $2 AND user_b = $3',
      values: [appId, pair.a.id, pair.b.id],
    });
    if (!rows[0]) return undefined;
    const id = BigInt(rows[0].conversation_id);
    this.#ids.set(pairKey(pair), id);
    return id;
  }

  /** The two sides of a conversation. */
  async parties(appId: number, conversationId: bigint): Promise<[Party, Party] | undefined> {
    const { rows } = await this.pool.query<{ user_a: string; user_b: string; name_a: string; name_b: string }>({
      name: 'conversation-parties',
      text: 'SELECT user_a, user_b, name_a, name_b FROM conversation WHERE app_id = $1 AND conversation_id = $2',
      values: [appId, conversationId],
    });
    const row = rows[0];
    return row && [{ id: BigInt(row.user_a), name: row.name_a }, { id: BigInt(row.user_b), name: row.name_b }];
  }

  /** Those of these conversations that the user is one of. */
  async withParty(appId: number, conversationIds: readonly bigint[], userId: bigint): Promise<Set<bigint>> {
    const { rows } = await this.pool.query<{ conversation_id: string }>({
      name: 'conversations-with-party',
      text: `SELECT conversation_id FROM conversation WHERE app_id = $1 AND conversation_id = ANY($2::bigint[]) AND $3 IN (user_a, user_b)`,
      values: [appId, conversationIds, userId],
    });
    return new Set(rows.map((row) => BigInt(row.conversation_id)));
  }

  async #make(pairs: { appId: number; a: Party; b: Party }[]): Promise<Map<string, bigint>> {
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'conversations-of',
      text: 'SELECT id FROM conversations_of($1::integer[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS id',
      values: [
        pairs.map((p) => p.appId),
        pairs.map((p) => p.a.id),
        pairs.map((p) => p.b.id),
        pairs.map((p) => p.a.name),
        pairs.map((p) => p.b.name),
      ],
    });
    const made = new Map<string, bigint>();
    pairs.forEach((pair, i) => {
      const id = BigInt(rows[i]!.id);
      this.#ids.set(pairKey(pair), id);
      made.set(pairKey(pair), id);
    });
    return made;
  }

  /** The id of a sender that is a name and no user: negative, the same for ever. */
  async namedSender(appId: number, name: string): Promise<bigint> {
    const existing = await this.findNamedSender(appId, name);
    if (existing !== undefined) return existing;
    await this.pool.query('INSERT INTO named_sender (app_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [appId, name]);
    return (await this.findNamedSender(appId, name))!;
  }

  async findNamedSender(appId: number, name: string): Promise<bigint | undefined> {
    const { rows } = await this.pool.query<{ sender_id: string }>({
      name: 'named-sender',
      text: 'SELECT sender_id FROM named_sender WHERE app_id = $1 AND name = $2',
      values: [appId, name],
    });
    return rows[0] && BigInt(rows[0].sender_id);
  }
}

function pairKey(pair: { appId: number; a: Party; b: Party }): string {
  return `${pair.appId} ${pair.a.id} ${pair.b.id}`;
}
