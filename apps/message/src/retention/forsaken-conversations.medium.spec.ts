import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SYSTEM_PARTY_ID } from '@parley/kernel';
import { APP, type StoreUnderTest, storeUnderTest } from '../history/store.fixture.js';
import { forgetUser } from '../user-deleted/user-deleted.consumer.js';
import { ExpiredPartitions } from './expired-partitions.js';
import { idAt } from './retention.rules.js';

const DAY_MS = 86_400_000;
const NAMED = -5n;

describe('conversations of deleted users', () => {
  let store: StoreUnderTest;
  beforeAll(async () => (store = await storeUnderTest()), 90_000);
  afterAll(() => store?.stop(), 30_000);

  const [ann, bob, cal, dan] = [101n, 102n, 103n, 104n];
  const forget = (user: bigint) => forgetUser(store.pool, APP, user);
  const isThere = async (conversationId: bigint) => (await store.pool.query('SELECT 1 FROM conversation WHERE conversation_id = $1', [conversationId])).rows.length > 0;
  const departed = async () => (await store.pool.query<{ user_id: string }>('SELECT user_id FROM departed_user ORDER BY 1')).rows.map((row) => BigInt(row.user_id));
  /** Retention, that many days from now; a day has passed for those whom it has looked at. */
  const retention = async (days: number) => {
    await store.pool.query("UPDATE departed_user SET look_at = look_at - interval '1 day'");
    await new ExpiredPartitions(store.pool, { of: async () => ({ historyDays: 30 }) } as never, () => Date.now() + days * DAY_MS).drop();
  };

  it('go when nobody is left on either side and nothing of them is kept, and not before', async () => {
    const [both, alive, alone, named, system] = [
      await store.conversation(ann, bob),
      await store.conversation(ann, cal),
      await store.conversation(ann, ann),
      await store.conversation(ann, NAMED),
      await store.conversation(SYSTEM_PARTY_ID, ann),
    ];
    for (const [conversation, sender] of [[both, bob], [alive, cal], [alone, ann], [named, NAMED], [system, SYSTEM_PARTY_ID]] as const) await store.append(conversation, sender, 2);
    await forget(ann);
    await forget(bob);
    await forget(ann);

    await retention(0);
    for (const conversation of [both, alive, alone, named, system]) expect(await isThere(conversation)).toBe(true);
    expect(await departed()).toEqual([ann, bob]);

    await store.pool.query("SELECT ensure_message_partitions(now() + interval '60 days', 2)");
    await retention(70);
    for (const conversation of [both, alone, named, system]) expect(await isThere(conversation)).toBe(false);
    // Cal still has his side of it; with him the last goes, and with it what is known of the two.
    expect(await isThere(alive)).toBe(true);
    expect(await departed()).toEqual([ann]);
    await forget(cal);
    await retention(70);
    expect(await isThere(alive)).toBe(false);
    expect(await departed()).toEqual([]);
  }, 60_000);

  it('stay while something was imported into them that is kept', async () => {
    const conversation = await store.conversation(cal, dan);
    await store.pool.query("SELECT ensure_message_partitions(now() + interval '60 days', 2)");
    const said = Date.now() + 65 * DAY_MS;
    await store.pool.query("SELECT import_message($1, $2, $3, 1, $4, 16::smallint, 'x', $5, $6)", [APP, conversation, cal, said, idAt(said), idAt(said + 1)]);
    await forget(cal);
    await forget(dan);
    await retention(70);
    expect(await isThere(conversation)).toBe(true);
    await retention(110);
    expect(await isThere(conversation)).toBe(false);
  }, 60_000);
});
