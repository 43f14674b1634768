import { describe, expect, it } from '@jest/globals';
import type { SdkDevice, SdkName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const recallNow = (device: SdkDevice, to: string, mid: string, more = {}) => device.call('recallMessage', { mid, to, chatType: 'singleChat', ...more });
const recallOf = (device: SdkDevice, mid: string) => device.event('onRecallMessage', (one) => one.mid === mid, 15_000);

describe.each<[SdkName, SdkName]>([
  ['agora-chat', 'agora-chat'],
  ['easemob-websdk', 'agora-chat'],
  ['agora-chat', 'easemob-websdk'],
])('a recall from %s to %s', (sending, receiving) => {
  it('reaches the other user and all own devices: online, reconnecting, and new', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice, { sdk: sending, deviceId: 'phone' });
    const mine = await on.online(alice, { sdk: sending, deviceId: 'laptop', gateway: 1 });
    const steady = await on.online(bob, { sdk: receiving, deviceId: 'steady' });
    const shaky = await on.online(bob, { sdk: receiving, deviceId: 'shaky', gateway: 1 });
    const kept = await from.sendText(bob.username, 'kept');
    const gone = await from.sendText(bob.username, 'gone');
    await Promise.all([mine, steady, shaky].map((device) => device.event('onTextMessage', (one) => one.id === gone)));
    await shaky.setOffline(true);
    await shaky.event('onReconnecting');

    await recallNow(from, bob.username, gone, { ext: 'sorry' });

    for (const device of [mine, steady]) expect(await recallOf(device, gone)).toMatchObject({ from: alice.username, to: bob.username, ext: 'sorry' });
    await shaky.setOffline(false);
    expect(await recallOf(shaky, gone)).toMatchObject({ from: alice.username, ext: 'sorry' });

    const history = await steady.call('getHistoryMessages', { targetId: alice.username, chatType: 'singleChat', pageSize: 10 });
    expect(history.messages.map((one: { id: string }) => one.id)).toEqual([kept]);

    // Somebody who never had it does not get the text any more, only the news.
    const carol = await on.user('carol');
    const never = await from.sendText(carol.username, 'never to be read');
    await recallNow(from, carol.username, never);
    const last = await from.sendText(carol.username, 'last');
    const fresh = await on.online(carol, { sdk: receiving });
    await fresh.event('onTextMessage', (one) => one.id === last);
    await recallOf(fresh, never);
    expect(fresh.seen('onTextMessage').map((one) => one.id)).toEqual([last]);
    expect(steady.seen('onTextMessage').map((one) => one.id)).toEqual([kept, gone]);
    if (sending === 'agora-chat' && receiving === 'agora-chat') proves('Recall and edit', 'recallMessage', 'onRecallMessage');
  });
});

describe('a recall is refused', () => {
  it('for what others wrote, what nobody wrote, and what is recalled already', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const [from, to, stranger] = [await on.online(alice), await on.online(bob), await on.online(carol)];
    const id = await from.sendText(bob.username, 'mine');

    await expect(recallNow(to, alice.username, id)).rejects.toMatchObject({ type: 603 });
    await expect(recallNow(stranger, bob.username, id)).rejects.toMatchObject({ type: 1302 });
    await expect(recallNow(from, carol.username, id)).rejects.toMatchObject({ type: 1302 });
    await expect(recallNow(from, bob.username, '123456')).rejects.toMatchObject({ type: 1302 });
    await recallNow(from, bob.username, id);
    await expect(recallNow(from, bob.username, id)).rejects.toMatchObject({ type: 1302 });
    const { serverMsgId: command } = await from.send({ type: 'cmd', chatType: 'singleChat', to: bob.username, action: 'wave' });
    await expect(recallNow(from, bob.username, command)).rejects.toMatchObject({ type: 603 });
    proves('Send errors', '603 no permission', '1302 message does not exist');
  });
});

describe('POST /messages/msg_recall', () => {
  it('takes a message from everybody, and says what was wrong otherwise', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob, { sdk: 'easemob-websdk' })];
    const id = await from.sendText(bob.username, 'against the rules');
    await to.event('onTextMessage', (one) => one.id === id);
    const call = (body: Record<string, unknown>) => rest.call('POST', '/messages/msg_recall', { body });
    const good = { msg_id: id, to: bob.username, chat_type: 'chat', force: true, recallMessageExtensionInfo: 'moderated' };

    for (const field of ['msg_id', 'to', 'chat_type', 'force']) {
      for (const nothing of [undefined, null, '']) expectError(await call({ ...good, [field]: nothing }), 400, 'message_recall_error', `param ${field} can't be empty`);
    }
    expectError(await call({ ...good, to: 'somebody-else' }), 400, 'message_recall_error', "can't find msg to");
    expectError(await call({ ...good, msg_id: '42' }), 403, 'message_recall_error', 'not_found msg');
    expectEnvelope(on.platform, await call(good), 'post', '/messages/msg_recall', {
      data: { recalled: 'yes', chattype: 'chat', from: 'admin', to: bob.username, msg_id: id },
    });
    for (const device of [from, to]) expect(await recallOf(device, id)).toMatchObject({ from: 'admin', ext: 'moderated' });
    expectError(await call(good), 403, 'message_recall_error', 'not_found msg');
  });

  it('answers a repeated call with the same key like the first, and leaves the sender out without sync_device', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob)];
    const id = await from.sendText(bob.username, 'once');
    const again = { body: { msg_id: id, to: bob.username, chat_type: 'chat', force: false, sync_device: false }, headers: { 'idempotency-key': `recall-${id}` } };
    for (let i = 0; i < 2; i++) expect((await rest.call('POST', '/messages/msg_recall', again)).body.data).toMatchObject({ recalled: 'yes' });
    await recallOf(to, id);
    const after = await to.sendText(alice.username, 'after');
    await from.event('onTextMessage', (one) => one.id === after);
    expect(from.seen('onRecallMessage')).toEqual([]);
    expect(to.seen('onRecallMessage')).toHaveLength(1);
  });

  it('recalls in batches, each with its own outcome, in both forms', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const ids = [await from.sendText(bob.username, 'one'), await from.sendText(bob.username, 'two')];
    const unknown = String(BigInt(ids[0]!) + 4_096n);
    const msgs = (id: string) => [id, unknown].map((msg_id) => ({ msg_id, to: bob.username, from: alice.username, chat_type: 'chat', force: true }));
    const batch = await rest.call('POST', '/messages/batch_recall', { body: { msgs: msgs(ids[0]!) } });
    expect(batch.body.data).toEqual([
      { recalled: 'yes', chattype: 'chat', from: alice.username, to: bob.username, msg_id: ids[0] },
      { recalled: 'no', chattype: 'chat', from: alice.username, to: bob.username, msg_id: unknown, error: 'not_found msg' },
    ]);
    const legacy = await rest.call('POST', '/messages/recall', { body: { msgs: msgs(ids[1]!) } });
    expect(legacy.body.data.msgs.map((one: { recalled: string }) => one.recalled)).toEqual(['yes', 'no']);
    const many = Array.from({ length: 31 }, () => msgs('1')[0]);
    expectError(await rest.call('POST', '/messages/batch_recall', { body: { msgs: many } }), 400, 'message_recall_error', /limit 30/);
  });

  it('by force tells the devices also of what the server keeps no longer', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob)];
    await from.sendText(bob.username, 'lately');
    const longAgo = '4096';
    const call = (force: boolean) =>
      rest.call('POST', '/messages/msg_recall', { body: { msg_id: longAgo, from: alice.username, to: bob.username, chat_type: 'chat', force } });
    expectError(await call(false), 403, 'message_recall_error', 'not_found msg');
    expect(await call(true)).toMatchObject({ status: 200 });
    await recallOf(to, longAgo);
  });
});
