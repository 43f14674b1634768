import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { type SdkDevice, type SdkName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();
const PAIRS: [SdkName, SdkName][] = [
  ['agora-chat', 'agora-chat'],
  ['agora-chat', 'easemob-websdk'],
  ['easemob-websdk', 'agora-chat'],
];
const bytes = async (url: string, headers?: Record<string, string>) => {
  const answer = await fetch(url, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), content: Buffer.from(await answer.arrayBuffer()) };
};

describe.each(PAIRS)('attachments from %s to %s', (sending, receiving) => {
  const bothAgora = sending === 'agora-chat' && receiving === 'agora-chat';

  async function twoOnline() {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = await Promise.all([on.online(alice, { sdk: sending }), on.online(bob, { sdk: receiving, gateway: 1 })]);
    return { alice, bob, from, to };
  }

  async function sends(from: SdkDevice, options: Record<string, unknown>, content: Buffer, name: string, type: string) {
    return from.send({ chatType: 'singleChat', file: { name, type, base64: content.toString('base64') }, ...options });
  }

  it('are images, with a thumbnail, for whoever has the message', async () => {
    const { bob, from, to } = await twoOnline();
    const picture = await sharp(randomBytes(400 * 300 * 3), { raw: { width: 400, height: 300, channels: 3 } }).jpeg().toBuffer();

    const { serverMsgId } = await sends(from, { type: 'img', to: bob.username, width: 400, height: 300 }, picture, 'cat.jpg', 'image/jpeg');

    const message = await to.event('onImageMessage', (one) => one.id === serverMsgId);
    expect(message).toMatchObject({ file_length: picture.length, width: 400, height: 300 });
    expect(await bytes(message.url)).toEqual({ status: 200, type: 'image/jpeg', content: picture });
    const thumbnail = await bytes(message.thumb);
    expect(thumbnail).toMatchObject({ status: 200, type: 'image/jpeg' });
    expect(await sharp(thumbnail.content).metadata()).toMatchObject({ width: 170, height: 128 });
    if (bothAgora) proves('Send and receive', 'send img', 'onImageMessage');
  });

  it.each([
    ['audio', 'onAudioMessage', 'hello.amr', 'audio/amr', { length: 3 }],
    ['video', 'onVideoMessage', 'clip.mp4', 'video/mp4', { length: 7 }],
    ['file', 'onFileMessage', 'plan „A“.pdf', 'application/pdf', {}],
  ])('are %s', async (type, event, name, mime, more) => {
    const { bob, from, to } = await twoOnline();
    const content = randomBytes(20_000);

    const { serverMsgId } = await sends(from, { type, to: bob.username, ext: { kind: type }, ...more }, content, name, mime);

    const message = await to.event(event, (one) => one.id === serverMsgId);
    expect(message).toMatchObject({ filename: name, file_length: content.length, ext: { kind: type }, ...more });
    expect((await bytes(message.url)).content).toEqual(content);
    if (bothAgora) proves('Send and receive', `send ${type}`, event);
  });

  it('are several messages in one, nested, which the receiver opens', async () => {
    const { alice, bob, from, to } = await twoOnline();
    const text = (msg: string, id: string) => ({ type: 'txt', chatType: 'singleChat', id, from: alice.username, to: bob.username, msg, time: Date.now(), ext: {} });
    const combine = (messageList: unknown[], title: string) =>
      from.send({ type: 'combine', chatType: 'singleChat', to: bob.username, compatibleText: 'your app is too old', title, summary: 'two', messageList });

    const inner = await combine([text('one', '1'), text('two', '2')], 'inside');
    const received = await to.event('onCombineMessage', (one) => one.id === inner.serverMsgId);
    expect(received).toMatchObject({ title: 'inside', summary: 'two', compatibleText: 'your app is too old', combineLevel: 1 });
    const opened = await to.call('downloadAndParseCombineMessage', { url: received.url, secret: received.secret });
    expect(opened.map((one: { msg: string }) => one.msg)).toEqual(['one', 'two']);

    const outer = await combine([received, text('three', '3')], 'outside');
    const again = await to.event('onCombineMessage', (one) => one.id === outer.serverMsgId);
    expect(again.combineLevel).toBe(2);
    const reopened = await to.call('downloadAndParseCombineMessage', { url: again.url, secret: again.secret });
    expect(reopened.map((one: { type: string }) => one.type)).toEqual(['combine', 'txt']);
    if (bothAgora) proves('Send and receive', 'send combine', 'onCombineMessage', 'downloadAndParseCombineMessage');
  });

  it('may be large', async () => {
    const { bob, from, to } = await twoOnline();
    const size = 9_000_000;
    const { serverMsgId } = await from.send({ type: 'file', chatType: 'singleChat', to: bob.username, file: { name: 'large.bin', type: '', size } });
    const message = await to.event('onFileMessage', (one) => one.id === serverMsgId);
    const { status, content } = await bytes(message.url);
    expect({ status, same: content.equals(Buffer.alloc(size, 'parley')) }).toEqual({ status: 200, same: true });
  });

  it('cannot be opened without the secret, and are told apart by the SDK when they are not there', async () => {
    const { bob, from, to } = await twoOnline();
    const { serverMsgId } = await sends(from, { type: 'file', to: bob.username }, randomBytes(100), 'a.bin', '');
    const message = await to.event('onFileMessage', (one) => one.id === serverMsgId);
    const [plain] = message.url.split('?');
    expect((await bytes(plain)).status).toBe(401);
    expect((await bytes(`${plain}?share-secret=wrong`)).status).toBe(403);
    const open = (secret: string, url: string) => to.call('downloadAndParseCombineMessage', { url, secret });
    await expect(open('wrong', plain)).rejects.toMatchObject({ type: 200, data: { type: 222 } });
  });
});
