import { afterEach, describe, expect, it } from '@jest/globals';
import { client, NameSpace, RouteType, schema } from '@parley/msync';
import { eventually, nextClientId, RawClient, type TestUser, uniqueName } from '@parley/testkit';
import { randomBytes } from 'node:crypto';
import { stage } from './stage.js';

const on = stage();
const { endpoints, rest } = on.platform;
const { appKey } = endpoints;

/** Whatever was tried: two users can still log in and talk. */
async function expectHealthy(): Promise<void> {
  const [alice, bob] = [await on.user('well-a'), await on.user('well-b')];
  const [from, to] = [await on.rawOnline(alice), await on.rawOnline(bob)];
  const { serverId } = await from.sendText(bob.username, 'all is well');
  await eventually(() => to.inbox.messageIds().includes(serverId), { what: 'a message between others' });
  for (const raw of [from, to]) raw.terminate();
  for (const url of [...endpoints.gatewayUrls.map((one) => one.replace(/^ws/, 'http').replace(/\/websocket$/, '')), endpoints.restUrl]) {
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  }
}
afterEach(expectHealthy);

async function loginOf(user: TestUser) {
  return { appKey, user: user.username, token: await rest.userToken(user.username, user.password) };
}

describe('before the login', () => {
  it.each<[string, Uint8Array]>([
    ['random bytes', randomBytes(200)],
    ['an empty frame', new Uint8Array(0)],
    ['a length that runs past the end', Uint8Array.of(0x12, 0xff, 0xff, 0x03, 1)],
    ['a varint without end', new Uint8Array(50).fill(0xff)],
    ['an UNREAD', client.encodeUnread()],
    ['a SYNC', client.encodeSync({ queue: { appKey, name: 'bob', domain: 'easemob.com', clientResource: '' } })],
    ['a message', client.encodeSend({ id: 1n, to: { appKey, name: 'bob', domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: 'alice', to: 'bob', text: 'x' }) })],
    ['a LOGOUT', client.encodeLogout()],
  ])('%s ends the connection', async (_, bytes) => {
    const raw = await on.raw();
    raw.write(bytes);
    expect(await raw.closed()).toBeGreaterThanOrEqual(1_000);
    expect(raw.frames.filter((frame) => frame.sync ?? frame.unread)).toEqual([]);
  });

  it('a login for another app is refused, even with a good token', async () => {
    const login = await loginOf(await on.user('alice'));
    const raw = await on.raw();
    const answer = await raw.provision({ ...login, appKey: 'other#app' });
    expect(answer.status).toEqual({ code: 1, reason: 'Sorry, token or password does not match login info' });
    await raw.closed();
  });

  it('a login as somebody else is refused', async () => {
    const [login, bob] = [await loginOf(await on.user('alice')), await on.user('bob')];
    const raw = await on.raw();
    expect((await raw.provision({ ...login, user: bob.username })).status).toMatchObject({ code: 1, reason: 'Sorry, token or password does not match login info' });
    await raw.closed();
  });

  it('an expired token is named as such', async () => {
    const alice = await on.user('alice');
    const token = await rest.userToken(alice.username, alice.password, 1);
    await eventually(async () => (await rest.call('GET', `/users/${alice.username}`, { token })).status === 401, { what: 'the end of the token' });
    const raw = await on.raw();
    expect((await raw.provision({ appKey, user: alice.username, token })).status).toEqual({ code: 1, reason: 'Sorry, token expired' });
    await raw.closed();
  });

  it('a token with a changed signature, an empty one and a foreign one are refused', async () => {
    const login = await loginOf(await on.user('alice'));
    const changed = login.token.slice(0, -6) + (login.token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
    for (const token of [changed, '', 'YWMtAAAA', 'dt-e30', 'x'.repeat(5_000)]) {
      const raw = await on.raw();
      expect((await raw.provision({ ...login, token })).status).toMatchObject({ code: 1, reason: 'Sorry, token or password does not match login info' });
      await raw.closed();
    }
  });

  it('a login without a device is a wrong parameter', async () => {
    const raw = await on.raw();
    expect((await raw.provision({ ...(await loginOf(await on.user('alice'))), resource: '' })).status?.code).not.toBe(0);
    await raw.closed();
  });
});

describe('after the login', () => {
  it('an oversize frame ends the connection', async () => {
    const raw = await on.rawOnline(await on.user('alice'));
    raw.write(randomBytes(70_000));
    await raw.closed();
  });

  it('random bytes and a second login end the connection', async () => {
    const alice = await on.user('alice');
    const first = await on.rawOnline(alice);
    first.write(randomBytes(100));
    await first.closed();
    const second = await on.rawOnline(alice);
    second.write(client.encodeProvision({ ...(await loginOf(alice)), resource: 'webim_web_again' }));
    await second.closed();
  });

  it('every flipped byte of a good message is answered or ends the connection, and nothing is forged', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.rawOnline(bob);
    const good = () => client.encodeSend({ id: nextClientId(), to: { appKey, name: bob.username, domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: alice.username, to: bob.username, text: 'good' }) });
    let raw = await on.rawOnline(alice, { resource: 'webim_web_flip' });
    for (let position = 0; position < good().length; position += 7) {
      if (raw.isClosed) raw = await on.rawOnline(alice, { resource: 'webim_web_flip' });
      const bytes = good();
      bytes[position]! ^= 0x55;
      const before = raw.frames.length;
      raw.write(bytes);
      // What the server cannot make out it may leave unanswered; whatever it did is done once it answers what comes next.
      raw.write(client.encodeUnread());
      await eventually(() => raw.isClosed || raw.frames.slice(before).some((frame) => frame.unread), { what: 'an answer or the close' });
    }
    const last = raw.isClosed ? await on.rawOnline(alice) : raw;
    const { serverId } = await last.sendText(bob.username, 'the end').catch(async () => (await on.rawOnline(alice)).sendText(bob.username, 'the end'));
    await eventually(() => bobs.inbox.messageIds().includes(serverId), { what: 'the last message' });
    for (const { meta } of bobs.inbox.all) expect(meta.from?.name).toBe(alice.username);
  });

  it('a forged sender is replaced by the session, in the meta and in the body', async () => {
    const [alice, bob, mallory] = [await on.user('alice'), await on.user('bob'), await on.user('mallory')];
    const [evil, bobs] = [await on.rawOnline(mallory), await on.rawOnline(bob)];
    const { serverId, status } = await evil.send({
      to: bob.username,
      from: { appKey, name: alice.username, domain: 'easemob.com', clientResource: 'webim_web_hers' },
      payload: client.textBody({ from: alice.username, to: bob.username, text: 'it is me, Alice' }),
    });
    expect(status?.code ?? 0).toBe(0);
    const received = await eventually(() => bobs.inbox.all.find((one) => one.id === serverId), { what: 'the message' });
    expect(received.meta.from).toMatchObject({ name: mallory.username, clientResource: evil.resource });
    const body = schema.fromBinary(schema.MessageBodySchema, received.meta.payload);
    expect(body.from?.name).toBe(mallory.username);
    expect(body.to?.name).toBe(bob.username);
    expect(received.queue).toBe(mallory.username);
  });

  it('a recipient in another app does not exist', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const raw = await on.rawOnline(alice);
    const answer = await raw.send({
      to: { appKey: 'other#app', name: bob.username, domain: 'easemob.com', clientResource: '' },
      payload: client.textBody({ from: alice.username, to: bob.username, text: 'x' }),
    });
    expect(answer.status).toEqual({ code: 1, reason: expect.stringMatching(/username.*doesn't exist!/) });
  });

  it('a recipient that nobody is, does not exist', async () => {
    const raw = await on.rawOnline(await on.user('alice'));
    const nobody = uniqueName('nobody');
    expect((await raw.sendText(nobody, 'x')).status).toEqual({ code: 1, reason: `username ${nobody} doesn't exist!` });
  });

  it.each([
    ['a body that is no message', { payload: Buffer.from('nonsense that is long enough') }],
    ['an empty body', { payload: new Uint8Array(0) }],
    ['a message to a room that is not there', { ns: NameSpace.MUC, payload: new Uint8Array(0) }],
    ['a contact request by hand', { ns: NameSpace.ROSTER, payload: new Uint8Array(0) }],
    ['a notification by hand', { ns: NameSpace.NOTIFY, payload: Buffer.from('{"type":"x"}') }],
    ['a directed message', { routetype: RouteType.ROUTE_DIRECT, payload: client.textBody({ from: 'a', to: 'b', text: 'x' }) }],
  ])('%s is refused or ends the connection, and reaches nobody', async (_, message) => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [raw, bobs] = [await on.rawOnline(alice), await on.rawOnline(bob)];
    const answer = await raw.send({ to: bob.username, ...message }).catch(() => undefined);
    if (answer) expect(answer.status?.code).toBeGreaterThan(0);
    else expect(raw.isClosed).toBe(true);
    const { serverId } = await (await on.rawOnline(alice)).sendText(bob.username, 'after');
    await eventually(() => bobs.inbox.messageIds().includes(serverId), { what: 'the message after' });
    expect(bobs.inbox.all.map((one) => one.id)).toEqual([serverId]);
  });

  it('a client id of 0 is answered with an error, not with a page', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const raw = await on.rawOnline(alice);
    raw.write(client.encodeSend({ id: 0n, to: { appKey, name: bob.username, domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: alice.username, to: bob.username, text: 'x' }) }));
    const frame = await raw.frame((one) => (one.sync?.status?.code ?? 0) !== 0);
    expect(frame.sync?.metas).toEqual([]);
  });

  it('a queue that nobody heard of is empty', async () => {
    const raw = await on.rawOnline(await on.user('alice'));
    const queue = { appKey, name: uniqueName('queue'), domain: 'easemob.com', clientResource: '' };
    for (const key of [undefined, 1n, 2n ** 64n - 1n]) raw.write(client.encodeSync({ queue, key }));
    const answer = await raw.frame((one) => one.sync?.queue?.name === queue.name);
    expect(answer.sync).toMatchObject({ metas: [], isLast: true });
  });

  it('nobody reads a conversation of others', async () => {
    const [alice, bob, mallory] = [await on.user('alice'), await on.user('bob'), await on.user('mallory')];
    await (await on.rawOnline(alice)).sendText(bob.username, 'between us');
    const evil = await on.rawOnline(mallory);
    for (const name of [alice.username, bob.username]) {
      evil.write(client.encodeSync({ queue: { appKey, name, domain: 'easemob.com', clientResource: '' } }));
      expect((await evil.frame((one) => one.sync?.queue?.name === name)).sync?.metas).toEqual([]);
    }
    expect(evil.inbox.all).toEqual([]);
  });

  it('a flood of frames is answered or cut off', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const raw = await on.rawOnline(alice);
    const ids = Array.from({ length: 3_000 }, () => nextClientId());
    for (const id of ids) raw.write(client.encodeSend({ id, to: { appKey, name: bob.username, domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: alice.username, to: bob.username, text: 'flood' }) }));
    await eventually(() => raw.isClosed || raw.frames.filter((frame) => (frame.sync?.metaId ?? 0n) > 0n).length === ids.length, { withinMs: 30_000, everyMs: 100, what: 'answers to all' });
  });
});

describe('a flood', () => {
  it('of frames of any command is closed with advice to come back, and others talk on', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const [from, to] = [await on.rawOnline(bob), await on.rawOnline(carol)];
    const raw = await on.rawOnline(alice, { pulls: false });
    for (let i = 0; i < 10_000; i++) raw.write(client.encodeUnread());
    const { serverId } = await from.sendText(carol.username, 'meanwhile');
    await eventually(() => to.inbox.messageIds().includes(serverId), { what: 'the message of others' });
    expect(await raw.closed()).toBe(4001);
  });
});

describe('what clients rely on', () => {
  it('UNREAD is answered with the server time', async () => {
    const raw = await on.rawOnline(await on.user('alice'));
    const { unread } = await raw.frame((one) => one.unread !== undefined);
    expect(unread?.status?.code ?? 0).toBe(0);
    expect(Math.abs(Number(unread?.timestamp) - Date.now())).toBeLessThan(60_000);
  });

  it('frames in base64 text are answered in kind', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.rawOnline(bob);
    const raw = await on.rawOnline(alice, { text: true });
    const { serverId } = await raw.sendText(bob.username, 'from a mini program');
    await eventually(() => bobs.inbox.messageIds().includes(serverId), { what: 'the message' });
    await bobs.sendText(alice.username, 'back');
    await eventually(() => raw.inbox.messageIds().length === 1, { what: 'the reply' });
    expect(raw.frameWasText.every(Boolean)).toBe(true);
    expect(bobs.frameWasText.some(Boolean)).toBe(false);
  });

  it('a message sent again under its client id gets the first server id, and is there once', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.rawOnline(bob);
    const id = nextClientId();
    const first = await on.rawOnline(alice, { resource: 'webim_web_retry' });
    const { serverId } = await first.sendText(bob.username, 'once', id);
    first.terminate();

    const second = await on.rawOnline(alice, { resource: 'webim_web_retry', gateway: 1 });
    const again = await second.sendText(bob.username, 'once', id);
    const fence = await second.sendText(bob.username, 'fence');

    expect(again.serverId).toBe(serverId);
    await eventually(() => bobs.inbox.messageIds().includes(fence.serverId), { what: 'the fence' });
    expect(bobs.inbox.messageIds()).toEqual([serverId, fence.serverId]);
  });

  it('a message stays unread until it is acknowledged', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const { serverId } = await (await on.rawOnline(alice)).sendText(bob.username, 'keep me');
    const silent = await on.rawOnline(bob, { resource: 'webim_web_one', pulls: false });
    silent.write(client.encodeSync({ queue: { appKey, name: alice.username, domain: 'easemob.com', clientResource: '' } }));
    const page = await silent.frame((one) => (one.sync?.metas.length ?? 0) > 0);
    expect(page.sync).toMatchObject({ isLast: false, nextKey: serverId });
    silent.terminate();

    const back = await on.rawOnline(bob, { resource: 'webim_web_one' });
    await eventually(() => back.inbox.messageIds().includes(serverId), { what: 'the message again' });
    await eventually(() => back.frames.some((one) => one.sync?.isLast === true && one.sync.metaId === 0n), { what: 'the end of the queue' });
    back.terminate();

    const later = await on.rawOnline(bob, { resource: 'webim_web_one' });
    const { unread } = await later.frame((one) => one.unread !== undefined);
    expect(unread?.queues).toEqual([]);
  });

  it('a logout ends the session', async () => {
    const raw = await RawClient.logIn(on.gatewayUrl(), await loginOf(await on.user('alice')));
    raw.write(client.encodeLogout({ reason: 'inner:logout' }));
    await raw.closed();
  });

  it('another path than the socket is not found', async () => {
    const base = on.gatewayUrl().replace(/^ws/, 'http').replace(/\/websocket$/, '');
    expect((await fetch(`${base}/other`)).status).toBe(404);
    await expect(RawClient.connect(`${base.replace(/^http/, 'ws')}/other`)).rejects.toThrow();
  });
});
