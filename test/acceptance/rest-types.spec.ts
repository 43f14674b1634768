import { describe, expect, it } from '@jest/globals';
import { type SdkName } from '@parley/testkit';
import { randomBytes } from 'node:crypto';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

async function uploaded(content: Buffer): Promise<{ url: string; secret: string }> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(content)]), 'a.bin');
  const headers = { authorization: `Bearer ${await rest.appToken()}`, 'restrict-access': 'true' };
  const body = (await (await fetch(`${rest.base}/chatfiles`, { method: 'POST', headers, body: form })).json()) as { uri: string; entities: { uuid: string; 'share-secret': string }[] };
  return { url: `${body.uri}/${body.entities[0]!.uuid}`, secret: body.entities[0]!['share-secret'] };
}

describe.each(['agora-chat', 'easemob-websdk'] as SdkName[])('a server sends to %s', (sdk) => {
  it('an image, a voice message, a video, a file and a place', async () => {
    const bob = await on.user('bob');
    const bobs = await on.online(bob, { sdk });
    const content = randomBytes(3_000);
    const { url, secret } = await uploaded(content);
    const file = { url, secret, filename: 'a.bin', file_length: content.length };
    const send = async (type: string, body: object) => {
      const answer = await rest.call('POST', '/messages/users', { body: { from: 'shop', to: [bob.username], type, body, ext: { type } } });
      expect(answer.status).toBe(200);
      return answer.body.data[bob.username] as string;
    };
    const image = await send('img', { ...file, size: { width: 40, height: 30 } });
    const voice = await send('audio', { ...file, length: 5 });
    const video = await send('video', { ...file, length: 9, thumb: url, thumb_secret: secret });
    const plain = await send('file', file);
    const place = await send('loc', { lat: '48.1', lng: 11.5, addr: 'Munich' });

    const got = (event: string, id: string) => bobs.event(event, (one) => one.id === id);
    expect(await got('onImageMessage', image)).toMatchObject({ from: 'shop', width: 40, height: 30, ext: { type: 'img' } });
    expect(await got('onAudioMessage', voice)).toMatchObject({ length: 5, file_length: content.length, filename: 'a.bin' });
    expect(await got('onVideoMessage', video)).toMatchObject({ length: 9 });
    const received = await got('onFileMessage', plain);
    expect(received).toMatchObject({ filename: 'a.bin', file_length: content.length });
    expect(await got('onLocationMessage', place)).toMatchObject({ addr: 'Munich' });
    // What the message names is what anybody with it can fetch.
    expect(Buffer.from(await (await fetch(received.url)).arrayBuffer()).equals(content)).toBe(true);
  });

  it('text in chunks, which shows as it comes', async () => {
    const bob = await on.user('bob');
    const bobs = await on.online(bob, { sdk });
    const chunk = (body: object, more: object = {}) => rest.call('POST', '/stream_message/user', { body: { from: 'bot', to: bob.username, body, ...more } });
    const first = await chunk({ seq: 0, msg: 'Once ', type: 'markdown' }, { ext: { model: 'm' } });
    const { msgId } = first.body.data;
    expectEnvelope(on.platform, first, 'post', '/stream_message/user', { data: { msgId: expect.stringMatching(/^\d+$/) } });
    expect(await chunk({ seq: 1, msg: 'upon ', msgId })).toMatchObject({ status: 200, body: { data: {} } });
    expect(await chunk({ seq: 2, msg: 'a time', msgId, finish: true, finishReason: 7 })).toMatchObject({ status: 200 });

    if (sdk === 'easemob-websdk') {
      const last = await bobs.event('onStreamMessage', (one) => one.id === msgId && one.msg === 'Once upon a time');
      expect(last).toMatchObject({ from: 'bot', ext: { model: 'm' } });
      for (const { msg } of bobs.seen('onStreamMessage')) expect('Once upon a time'.startsWith(msg)).toBe(true);
    } else {
      // It does not know chunks: it shows the first, and the whole after the next login.
      expect(await bobs.event('onTextMessage', (one) => one.id === msgId)).toMatchObject({ from: 'bot', msg: 'Once ' });
    }
  });
});

describe('text in chunks', () => {
  it('is read whole by who comes later', async () => {
    const bob = await on.user('bob');
    const chunk = (body: object) => rest.call('POST', '/stream_message/user', { body: { from: 'bot', to: bob.username, body } });
    const { msgId } = (await chunk({ seq: 0, msg: 'Hello, ' })).body.data;
    await chunk({ seq: 1, msg: 'Bob', msgId, finish: true });
    const bobs = await on.online(bob);
    expect(await bobs.event('onTextMessage', (one) => one.id === msgId)).toMatchObject({ msg: 'Hello, Bob' });
  });

  it('is refused with the number of what is wrong', async () => {
    const bob = await on.user('bob');
    const chunk = (body: object, more: object = {}) => rest.call('POST', '/stream_message/user', { body: { from: 'bot', to: bob.username, body, ...more } });
    const { msgId } = (await chunk({ seq: 0, msg: 'a' })).body.data;
    const refused = async (answer: ReturnType<typeof chunk>, code: number | undefined, description: string) => {
      expectError(await answer, 400, 'message_send_error', description, code);
    };
    await refused(chunk({ seq: 'x', msg: 'a' }), 14030, 'param body.seq is illegal');
    await refused(chunk({ seq: 3, msg: 'a', msgId }), 14030, 'param body.seq is illegal');
    await refused(chunk({ seq: 1, msg: 'a' }), 14031, 'can not find stream message by msgId');
    await refused(chunk({ seq: 1, msg: 'a', msgId: '12345' }), 14031, 'can not find stream message by msgId');
    await refused(chunk({ seq: 1, msg: 'a', msgId }, { from: 'eve' }), 14036, 'stream message from user mismatch');
    await refused(chunk({ seq: 1, msg: 'a', msgId }, { to: 'eve' }), 14037, 'stream message to user mismatch');
    await refused(chunk({ seq: 0, msg: 'a', msgId }), 14038, 'stream message chunk seq too small');
    await refused(chunk({ seq: 1, msg: 'a', msgId }, { ext: null }), undefined, 'param ext must be JSONObject');
    for (let seq = 1; seq <= 2; seq++) await chunk({ seq, msg: 'x'.repeat(50_000), msgId });
    await refused(chunk({ seq: 3, msg: 'x'.repeat(50_000), msgId }), 14032, 'stream message total length exceeds limit');
    await refused(chunk({ seq: 4, msg: 'x', msgId }), 14032, 'stream message total length exceeds limit');
    const other = (await chunk({ seq: 0, msg: 'a', finish: true })).body.data.msgId;
    await refused(chunk({ seq: 1, msg: 'a', msgId: other }), 14035, 'stream message has already finished');
  });
});

describe('POST /messages, the older form', () => {
  it('sends, and tells success or ids', async () => {
    const bob = await on.user('bob');
    const bobs = await on.online(bob);
    const body = { target_type: 'users', target: [bob.username], msg: { type: 'txt', msg: 'older' }, from: 'shop', ext: { a: true } };
    const answer = await rest.call('POST', '/messages', { body });
    expectEnvelope(on.platform, answer, 'post', '/messages', { data: { [bob.username]: 'success' } });
    expect(await bobs.event('onTextMessage', (one) => one.msg === 'older')).toMatchObject({ from: 'shop', ext: { a: true } });
    const again = await rest.call('POST', '/messages?useMsgId=true', { body: { ...body, msg: { type: 'cmd', action: 'go' } } });
    const id = again.body.data[bob.username];
    expect((await bobs.event('onCmdMessage', (one) => one.id === id)).action).toBe('go');
    expectError(await rest.call('POST', '/messages', { body: { ...body, target_type: undefined } }), 400, 'message_send_error', "param target_type can't be empty");
    expectError(await rest.call('POST', '/messages', { body: { ...body, target_type: 'planets' } }), 400, 'message_send_error', 'param target_type planets is not supported');
  });
});

describe('a message that a history leaves out', () => {
  it('is delivered all the same', async () => {
    const bob = await on.user('bob');
    const bobs = await on.online(bob);
    const body = { from: 'shop', to: [bob.username], type: 'txt', body: { msg: 'off the record' }, roam_ignore_users: [bob.username], env: 'test1' };
    expect((await rest.call('POST', '/messages/users', { body })).status).toBe(200);
    await bobs.event('onTextMessage', (one) => one.msg === 'off the record');
    await rest.call('POST', '/messages/users', { body: { ...body, body: { msg: 'on the record' }, roam_ignore_users: [] } });
    await bobs.event('onTextMessage', (one) => one.msg === 'on the record');
    const { messages } = await bobs.call('getHistoryMessages', { targetId: 'shop', chatType: 'singleChat', pageSize: 10, searchDirection: 'up' });
    expect(messages.map((one: { msg: string }) => one.msg)).toEqual(['on the record']);
    const later = await on.user('later');
    expect((await rest.call('POST', '/messages/users', { body: { ...body, to: [later.username], roam_ignore_users: [later.username] } })).status).toBe(200);
    await (await on.online(later)).event('onTextMessage', (one) => one.msg === 'off the record');
  });
});
