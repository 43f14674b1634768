import { beforeAll, describe, expect, it } from '@jest/globals';
import { givenApp, givenUser, type Platform, type RestAnswer } from '@parley/testkit';
import { gunzipSync } from 'node:zlib';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const HOUR_MS = 3_600_000;
const nameOf = (ms: number) => new Date(ms).toISOString().replaceAll(/[-T:]/g, '').slice(0, 10);
const importOne = (body: unknown, key?: string) => rest.call('POST', '/messages/users/import', { body, headers: key === undefined ? {} : { 'idempotency-key': key } });

describe('import of what was said elsewhere', () => {
  it('puts messages into history at their own time, once, without a word to the devices', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.online(bob);
    const alices = await on.online(alice);
    const said = Date.now() - 40 * 24 * HOUR_MS;
    const today = await alices.sendText(bob.username, 'today');
    const one = { from: alice.username, target: bob.username, type: 'txt', body: { msg: 'long ago' }, ext: { n: 1 }, msg_timestamp: said, is_ack_read: true };
    const answers = await Promise.all(Array.from({ length: 4 }, () => importOne(one)));
    expect(new Set(answers.map(({ body }) => body.data.msg_id)).size).toBe(1);
    const older = await importOne({ from: bob.username, target: alice.username, msg: { type: 'txt', msg: 'longer ago' }, msg_timestamp: said - 1_000 }, 'k1');
    expect((await importOne({ from: bob.username, target: alice.username, msg: { type: 'txt', msg: 'longer ago' }, msg_timestamp: said - 1_000 }, 'k1')).body.data).toEqual(older.body.data);

    await bobs.event('onTextMessage', (message) => message.id === today);
    const history = await bobs.call('getHistoryMessages', { targetId: alice.username, chatType: 'singleChat', pageSize: 20 });
    expect(history.messages.map((message: { id: string; msg: string; time: number }) => [message.id, message.msg])).toEqual([
      [today, 'today'],
      [answers[0]!.body.data.msg_id, 'long ago'],
      [older.body.data.msg_id, 'longer ago'],
    ]);
    expect(history.messages[1]).toMatchObject({ time: said, ext: { n: 1 }, isRead: true });
    const fresh = await on.online(bob, { sdk: 'easemob-websdk' });
    expect((await fresh.call('getServerConversations', {})).data.conversations).toEqual([expect.objectContaining({ conversationId: alice.username, unReadCount: 1 })]);
    expect([...bobs.seen('onTextMessage'), ...fresh.seen('onTextMessage')].filter((message) => message.id !== today)).toEqual([]);
  });

  it('refuses what it cannot do, and tells why', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const good = { from: alice.username, target: bob.username, type: 'txt', body: { msg: 'x' } };
    expectError(await importOne({ ...good, type: '' }), 400, 'illegal_argument', 'type not allow empty');
    expectError(await importOne({ ...good, body: {} }), 400, 'illegal_argument', 'message body not allow empty');
    expectError(await importOne({ ...good, msg_timestamp: 1_500_000_000_000 }), 400, 'illegal_argument', /msg_timestamp: must be a time of the last/);
    expectError(await importOne({ ...good, msg_timestamp: Date.now() + HOUR_MS }), 400, 'illegal_argument', /msg_timestamp/);
    expectError(await importOne({ ...good, target: 'nobody-at-all' }), 404, 'service_resource_not_found', /nobody-at-all/);
    expectError(await importOne({ ...good, is_ack_read: 'yes' }), 400, 'illegal_argument', 'is_ack_read: must be true or false');
    expectError(await importOne({ ...good, need_download: 'yes' }), 400, 'illegal_argument', 'need_download: must be true or false');
    const image = { ...good, type: 'img', body: { url: 'https://files.example/cat.jpg' }, need_download: true };
    expectError(await importOne(image), 400, 'illegal_argument', 'need_download: the server fetches nothing from there, upload the attachment first');
  });
});

describe('export by the hour', () => {
  /** Of its own: files of history are rated by app. */
  let app: Platform;
  beforeAll(async () => {
    app = await givenApp(on.platform);
  });
  const imported = (body: unknown) => app.rest.call('POST', '/messages/users/import', { body });

  it('gives all messages of the hour in their order, by a link that needs no token and is good for nothing else', async () => {
    const [alice, bob] = [await givenUser(app, 'alice'), await givenUser(app, 'bob')];
    const hour = Math.floor(Date.now() / HOUR_MS - 30) * HOUR_MS;
    const ids: string[] = [];
    for (const [i, at] of [0, 1, 1_200_000, HOUR_MS - 1].entries()) {
      const { body } = await imported({ from: alice.username, target: bob.username, type: 'txt', body: { msg: `m${i}` }, ext: { i }, msg_timestamp: hour + at });
      ids.push(body.data.msg_id);
    }
    await imported({ from: alice.username, target: bob.username, type: 'txt', body: { msg: 'the next hour' }, msg_timestamp: hour + HOUR_MS });

    const answer = await app.rest.call('GET', `/chatmessages/${nameOf(hour)}`);
    expect(answer).toMatchObject({ status: 200, body: { data: [{ url: expect.stringContaining(`/chatmessages/${nameOf(hour)}/file?`) }] } });
    const { url } = answer.body.data[0];
    const file = await fetch(url);
    expect(file.status).toBe(200);
    const lines = gunzipSync(Buffer.from(await file.arrayBuffer())).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
    const mine = lines.filter((line) => line.from === alice.username);
    expect(mine.map((line) => line.msg_id)).toEqual(ids);
    expect(mine[2]).toEqual({
      msg_id: ids[2],
      timestamp: hour + 1_200_000,
      direction: 'outgoing',
      from: alice.username,
      to: bob.username,
      chat_type: 'chat',
      payload: { bodies: [{ type: 'txt', msg: 'm2' }], ext: { i: 2 }, from: alice.username, to: bob.username },
    });

    const changed = (from: string | RegExp, to: string) => app.rest.call('GET', url.replace(from, to), { token: null });
    for (const wrong of [await changed(nameOf(hour), nameOf(hour + HOUR_MS)), await changed(/signature=.{4}/, 'signature=AAAA'), await changed(/expires=\d/, 'expires=9'), await changed(/\?.*/, '')]) {
      expectError(wrong, 403, 'forbidden', /link is wrong or has expired/);
    }
  });

  it('shows each type with the keys of the original', async () => {
    const [alice, bob] = [await givenUser(app, 'alice'), await givenUser(app, 'bob')];
    const hour = Math.floor(Date.now() / HOUR_MS - 32) * HOUR_MS;
    const attachment = { url: 'https://files.example/a', secret: 's', filename: 'a', file_length: 9 };
    const bodies = {
      txt: { msg: 'words' },
      img: { ...attachment, size: { width: 3, height: 4 } },
      audio: { ...attachment, length: 5 },
      video: { ...attachment, length: 6, thumb: 'https://files.example/t', thumb_secret: 't' },
      file: attachment,
      loc: { lat: 1.5, lng: 2.5, addr: 'here' },
      cmd: { action: 'go' },
      custom: { customEvent: 'order', customExts: { a: 1, b: 'two' } },
    };
    for (const [i, [type, body]] of Object.entries(bodies).entries()) {
      expect((await imported({ from: alice.username, target: bob.username, type, body, msg_timestamp: hour + i })).status).toBe(200);
    }
    const { url } = (await app.rest.call('GET', `/chatmessages/${nameOf(hour)}`)).body.data[0];
    const lines = gunzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
    const shown = lines.filter((line) => line.from === alice.username).map((line) => line.payload.bodies);
    const { custom, ...others } = bodies;
    expect(shown).toEqual([
      ...Object.entries(others).map(([type, body]) => [expect.objectContaining({ type, ...body })]),
      [{ type: 'custom', customEvent: custom.customEvent, customExts: [{ a: 1 }, { b: 'two' }], 'v2:customExts': custom.customExts }],
    ]);
  });

  it('refuses what is no hour, is not over, is no longer kept, or had nothing', async () => {
    const { appKey } = app.endpoints;
    const get = (time: string) => app.rest.call('GET', `/chatmessages/${time}`);
    for (const time of ['2026', '2026133100', '2026023001', 'abcdefghij']) expectError(await get(time), 400, 'illegal_argument', `illegal arguments: appkey: ${appKey}, time: ${time}`);
    const expired = (time: string) => `illegal arguments: appkey: ${appKey}, time: ${time}, maybe chat message history is expired or unstored`;
    for (const time of [nameOf(Date.now() + 5 * HOUR_MS), '2020010100']) expectError(await get(time), 400, 'illegal_argument', expired(time));
    let present: string;
    let answer: RestAnswer;
    // Again if the hour ended meanwhile.
    do answer = await get((present = nameOf(Date.now())));
    while (present !== nameOf(Date.now()));
    expectError(answer, 400, 'illegal_argument', expired(present));
    const empty = nameOf(Date.now() - 100 * 24 * HOUR_MS);
    expectError(await get(empty), 404, 'storage_object_not_found', `Failed to find chat message history download url for appkey: ${appKey}, time: ${empty}`);
    const bob = await givenUser(app, 'bob');
    const token = await app.rest.userToken(bob.username, bob.password);
    expect((await app.rest.call('GET', `/chatmessages/${empty}`, { token })).status).toBe(401);
  });
});
