import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { APP, meta, type StoreUnderTest, storeUnderTest } from '../history/store.fixture.js';
import { AppendStore } from './append.store.js';
import { Audience, type Outgoing, type Position } from './outgoing.js';

/** MSYNC's type in the upper bits, the type of the content in the lower four. */
const KIND = { text: 1 << 4, command: (1 << 4) | 6, delivered: 5 << 4, read: 4 << 4, readAll: 7 << 4 } as const;

/** What is sent, before it is known in which conversation. */
interface Draft {
  readonly kind: keyof typeof KIND;
  /** By the first of the two, or by the other. */
  readonly first: boolean;
  readonly resource: string;
  readonly clientId: bigint;
  /** A receipt is of the first message. */
  readonly acks: boolean;
}
const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom<keyof typeof KIND>('text', 'text', 'command', 'delivered', 'read', 'readAll'),
  first: fc.boolean(),
  resource: fc.constantFrom('web', 'phone', ''),
  clientId: fc.bigInt({ min: 1n, max: 6n }),
  acks: fc.boolean(),
});

describe('messages', () => {
  let store: StoreUnderTest;
  let append: AppendStore;
  let nextUser = 1n;

  beforeAll(async () => {
    store = await storeUnderTest();
    append = new AppendStore(store.pool, 7);
  }, 60_000);
  afterAll(() => store?.stop(), 30_000);

  async function givenConversation(): Promise<(one: Draft, ackId?: bigint) => Outgoing> {
    const users = [nextUser++, nextUser++] as const;
    const conversationId = await store.conversation(...users);
    return ({ kind, first, resource, clientId, acks }, ackId) => ({
      appId: APP, conversationId, senderId: users[first ? 0 : 1], senderResource: resource, clientId, audience: Audience.everyone,
      bodyType: KIND[kind], toResource: null, meta, ackId: acks ? ackId : undefined,
    });
  }
  /** All that is kept of a conversation, with places in it instead of ids. */
  async function kept({ conversationId, senderId }: Outgoing) {
    const { rows: messages } = await store.pool.query<Record<string, unknown> & { id: string; ack_id: string | null; client_id: string }>(
      'SELECT id, seq::integer, sender_id % 2 AS sender, sender_resource, client_id, audience, body_type, to_resource, meta, ack_id, state FROM message WHERE app_id = $1 AND conversation_id = $2 ORDER BY seq',
      [APP, conversationId],
    );
    const place = new Map(messages.map(({ id, seq }) => [id, seq]));
    const placeOf = (id: string | null) => (id === null || id === '0' ? id : (place.get(id) ?? 'none'));
    const { rows: conversations } = await store.pool.query<Record<string, string>>(
      'SELECT last_seq, last_id, last_content_id, last_device_content_id FROM conversation WHERE app_id = $1 AND conversation_id = $2',
      [APP, conversationId],
    );
    const { rows: inboxes } = await store.pool.query<Record<string, string>>(
      'SELECT user_id % 2 AS of, read_id, read_all_id FROM inbox WHERE app_id = $1 AND conversation_id = $2 ORDER BY user_id',
      [APP, conversationId],
    );
    const ids = messages.map(({ id }) => BigInt(id));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(senderId).toBeGreaterThan(0n);
    return {
      messages: messages.map(({ id: _, ack_id, ...rest }) => ({ ...rest, ack: placeOf(ack_id) })),
      conversation: { seq: conversations[0]!['last_seq'], ...Object.fromEntries(['last_id', 'last_content_id', 'last_device_content_id'].map((name) => [name, placeOf(conversations[0]![name]!)])) },
      inboxes: inboxes.map(({ of, read_id, read_all_id }) => ({ of, read: placeOf(read_id!), all: placeOf(read_all_id!) })),
    };
  }
  const answer = (positions: readonly (Position | undefined)[]) => positions.map((one) => `${one?.seq} ${one?.repeated}`);

  it('are kept the same whether each is stored alone or many together, tries that are repeated included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(draft, { minLength: 1, maxLength: 24 }), async (drafts) => {
        const opening: Draft = { kind: 'text', first: true, resource: 'web', clientId: 99n, acks: false };
        const [alone, together] = [await givenConversation(), await givenConversation()];
        const answers: string[][] = [];
        for (const [of, size] of [[alone, 1], [together, 24]] as const) {
          const [start] = await append.append([of(opening)]);
          const given: string[] = [];
          let batch: Outgoing[] = [];
          const keys = new Set<string>();
          const flush = async () => {
            // A batch of two at least, the other a message that is repeated: else it would be stored alone here, too.
            given.push(...answer(await append.append(size === 1 ? batch : [of(opening), ...batch])).slice(size === 1 ? 0 : 1));
            batch = [];
            keys.clear();
          };
          for (const one of drafts) {
            const key = `${one.first} ${one.resource} ${one.clientId}`;
            if (batch.length > 0 && (batch.length >= size || keys.has(key))) await flush();
            keys.add(key);
            batch.push(of(one, start!.id));
          }
          await flush();
          answers.push(given);
        }
        expect(answers[1]).toEqual(answers[0]);
        expect(await kept(together(opening))).toEqual(await kept(alone(opening)));
      }),
      { numRuns: 60 },
    );
  });

  it.each([1, 2])('of different kinds, or about different messages, under one client id are each stored, and once (%i at a time)', async (size) => {
    const of = await givenConversation();
    const [one, other] = await append.append([1n, 2n].map((clientId) => of({ kind: 'text', first: false, resource: 'web', clientId, acks: false })));
    const kinds = ['text', 'command', 'delivered', 'read', 'readAll'] as const;
    const messages = [
      ...kinds.map((kind) => of({ kind, first: true, resource: 'web', clientId: 7n, acks: false })),
      ...[one, other].map((about) => of({ kind: 'read', first: true, resource: 'web', clientId: 7n, acks: true }, about!.id)),
    ];
    // The store takes no batch that repeats a client id: each goes with another message, or alone.
    const filler = (clientId: bigint) => of({ kind: 'text', first: true, resource: 'phone', clientId, acks: false });
    const stored = async (message: Outgoing, i: number) => (await append.append(size === 1 ? [message] : [message, filler(BigInt(i))]))[0]!;
    const first: Position[] = [];
    for (const [i, message] of messages.entries()) first.push(await stored(message, i));
    expect(first.map(({ repeated }) => repeated)).toEqual(messages.map(() => false));
    for (const [i, message] of messages.entries()) expect(await stored(message, i)).toEqual({ ...first[i], repeated: true });
  });

  it('of many senders at once get one place each, however they are stored', async () => {
    const of = await givenConversation();
    const writes = Array.from({ length: 60 }, (_, i) => {
      const own = Array.from({ length: 1 + (i % 3) }, (__, k) => of({ kind: 'text', first: i % 2 === 0, resource: `d${i}`, clientId: BigInt(k), acks: false }));
      return append.append(own);
    });
    const positions = (await Promise.all(writes)).flat().map((one) => one!);
    const bySeq = positions.toSorted((a, b) => Number(a.seq - b.seq));
    expect(bySeq.map(({ seq }) => seq)).toEqual(bySeq.map((_, i) => BigInt(i + 1)));
    const ids = bySeq.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it.each([1, 2])('of a conversation that is not there are not stored (%i at once)', async (count) => {
    const of = await givenConversation();
    const strangers = Array.from({ length: count }, (_, i) => ({ ...of({ kind: 'text', first: true, resource: 'web', clientId: BigInt(i), acks: false }), conversationId: 999_999n }));
    expect(await append.append(strangers)).toEqual(strangers.map(() => undefined));
  });
});
