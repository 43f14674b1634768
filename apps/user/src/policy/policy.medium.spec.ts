import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requests } from '@parley/bus';
import type { Pool } from '@parley/db';
import { Backbone } from '@parley/testkit';
import * as userService from '../start.js';

const APP = 7;
let backbone: Backbone;
let pool: Pool;

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.service(userService);
  pool = backbone.database.pool('users');
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

const ask = async (...questions: [senderId: number, recipientId: number, appId?: number][]) => {
  const asked = questions.map(([senderId, recipientId, appId = APP]) => ({ appId, senderId: BigInt(senderId), recipientId: BigInt(recipientId) }));
  return (await backbone.bus.request(requests.userPolicy, { questions: asked })).answers;
};

describe('who may write to whom', () => {
  it('tells who is blocked and who is a contact, each way, in the order asked, in this app only', async () => {
    await pool.query('INSERT INTO user_block (app_id, user_id, blocked_id) VALUES ($1, 2, 1)', [APP]);
    await pool.query('INSERT INTO contact_pair (app_id, low_id, high_id, state) VALUES ($1, 1, 3, 2)', [APP]);
    await pool.query("INSERT INTO contact_pair (app_id, low_id, high_id, state, expires_at) VALUES ($1, 2, 3, 0, now() + interval '1 day')", [APP]);
    const answers = await ask([1, 2], [2, 1], [1, 3], [3, 1], [2, 3], [1, 0], [1, 2, 8]);
    expect(answers.map(({ blocked, contact }) => ({ blocked, contact }))).toEqual([
      { blocked: true, contact: false },
      { blocked: false, contact: false },
      { blocked: false, contact: true },
      { blocked: false, contact: true },
      { blocked: false, contact: false },
      { blocked: false, contact: false },
      { blocked: false, contact: false },
    ]);
  });

  it('tells until when a sender is muted, for each kind', async () => {
    const until = new Date(Date.now() + 3_600_000);
    await pool.query("INSERT INTO app_user (app_id, user_id, username) VALUES ($1, 4, 'dan'), ($1, 5, 'eve')", [APP]);
    await pool.query("INSERT INTO global_mute VALUES ($1, 4, 'chat', 'infinity'), ($1, 4, 'groupchat', $2), ($1, 5, 'chatroom', now() - interval '1 s')", [APP, until]);
    const answers = await ask([5, 0], [4, 0], [4, 5]);
    expect(answers.map((one) => [one.chatMutedUntilMs, one.groupMutedUntilMs, one.roomMutedUntilMs])).toEqual([
      [0n, 0n, 0n],
      [-1n, BigInt(until.getTime()), 0n],
      [0n, 0n, 0n],
    ]);
  });
});
