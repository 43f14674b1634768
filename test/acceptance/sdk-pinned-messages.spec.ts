import { describe, expect, it } from '@jest/globals';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();

describe('pinned messages by the official SDK', () => {
  it('are the same for both sides, and everybody is told but the device that acts', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [alices, bobs] = [await on.online(alice), await on.online(bob, { sdk: 'easemob-websdk' })];
    const second = await on.online(alice);
    const id = await alices.sendText(bob.username, 'remember this');
    const at = (peer: string) => ({ conversationId: peer, conversationType: 'singleChat', messageId: id });
    const event = (operation: string) => (data: { operation: string; messageId: string }) => data.operation === operation && data.messageId === id;

    await alices.call('pinMessage', at(bob.username));
    await bobs.event('onMessagePinEvent', event('pin'));
    await second.event('onMessagePinEvent', event('pin'));
    for (const [device, peer] of [[second, bob.username], [bobs, alice.username]] as const) {
      const { data } = await device.call('getServerPinnedMessages', { conversationId: peer, conversationType: 'singleChat' });
      expect(data.list).toEqual([expect.objectContaining({ operatorId: alice.username, pinTime: expect.any(Number), message: expect.objectContaining({ id, msg: 'remember this' }) })]);
    }

    await bobs.call('unpinMessage', at(alice.username));
    await alices.event('onMessagePinEvent', event('unpin'));
    expect((await bobs.call('getServerPinnedMessages', { conversationId: alice.username, conversationType: 'singleChat' })).data.list).toEqual([]);
    // A second time there is nothing to take away.
    await expect(bobs.call('unpinMessage', at(alice.username))).rejects.toMatchObject({ type: 51 });
    expect(alices.seen('onMessagePinEvent').map((data) => data.operation)).toEqual(['unpin']);
    proves('Pinned messages', 'pinMessage', 'unpinMessage', 'getServerPinnedMessages', 'onMessagePinEvent');
  });

  it('stop at twenty, also when many are pinned at once, and tell a wrong id', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const alices = await on.online(alice);
    const ids: string[] = [];
    for (let i = 0; i < 22; i++) ids.push(await alices.sendText(bob.username, `m${i}`));
    const { rest } = on.platform;
    const pin = (pin_msg_id: unknown) => rest.call('POST', `/sdk/user/${alice.username}/user_channel/pin`, { body: { to: bob.username, type: 'chat', pin_msg_id } });
    const answers = await Promise.all(ids.map(pin));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expectError(answers.find(({ status }) => status !== 200)!, 400, 'exceed_limit', 'The quantity has exceeded the limit!');
    expectError(await pin('x'), 400, 'illegal_argument', 'param pin_msg_id illegal, please check it!');
    expectError(await pin('12345'), 404, 'resource_not_found', 'user session pin message not exist');
    await expect(alices.call('pinMessage', { conversationId: bob.username, conversationType: 'singleChat', messageId: '1' })).rejects.toMatchObject({ type: 51 });
    // Each once, page by page.
    const seen: string[] = [];
    for (let cursor = ''; seen.length < 40; ) {
      const { body } = await rest.call('GET', `/sdk/user/${bob.username}/user_channel/pin?to=${alice.username}&type=chat&limit=7&cursor=${cursor}`);
      seen.push(...body.data.msg_infos.map((one: { message: { id: string } }) => one.message.id));
      cursor = body.data.cursor;
      if (cursor === '') break;
    }
    expect(new Set(seen).size).toBe(20);
    expect(seen).toHaveLength(20);
  });
});
