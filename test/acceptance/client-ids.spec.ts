import { describe, expect, it } from '@jest/globals';
import { schema } from '@parley/msync';
import { eventually, nextClientId, type RawClient } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();
const TYPE = { read: 4, recall: 6 } as const;
const about = (kind: keyof typeof TYPE, from: RawClient, to: string, messageId: bigint) =>
  schema.toBinary(schema.MessageBodySchema, schema.create(schema.MessageBodySchema, { type: TYPE[kind], from: { name: from.user }, to: { name: to }, ackMessageId: messageId }));

// The official SDKs make a client id of the time in milliseconds and a counter, and count messages, receipts and recalls apart.
describe('a client id that a device gives to a message, a receipt and a recall', () => {
  it('stands for each of them, and a repeated one is still the same', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, other] = [await on.rawOnline(alice), await on.rawOnline(bob)];
    const away = { resource: 'webim_web_away' };
    const leaves = await on.rawOnline(bob, away);
    await leaves.frame((one) => one.unread !== undefined);
    leaves.terminate();
    const { serverId: question } = await other.sendText(alice.username, 'question');
    const id = nextClientId();

    const { serverId: text } = await from.sendText(bob.username, 'text', id);
    const receipt = { id, to: bob.username, payload: about('read', from, bob.username, question) };
    const recall = { id, to: bob.username, payload: about('recall', from, bob.username, text) };
    const { serverId: read } = await from.send(receipt);
    const { serverId: recalled } = await from.send(recall);
    expect(new Set([text, read, recalled]).size).toBe(3);
    expect([(await from.sendText(bob.username, 'text', id)).serverId, (await from.send(receipt)).serverId, (await from.send(recall)).serverId]).toEqual([text, read, recalled]);

    const { serverId: last } = await from.sendText(bob.username, 'last');
    await eventually(() => other.inbox.all.some((one) => one.id === last), { what: 'the last message' });
    expect(other.inbox.all.map((one) => one.id)).toEqual([text, read, recalled, last]);
    const back = await on.rawOnline(bob, away);
    await eventually(() => back.inbox.all.some((one) => one.id === last), { what: 'the last message on a device that was away' });
    expect(back.inbox.all.map((one) => one.id).filter((id) => id > question)).toEqual([read, recalled, last]);
  });
});
