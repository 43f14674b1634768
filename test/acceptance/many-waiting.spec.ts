import { describe, expect, it } from '@jest/globals';
import { client } from '@parley/msync';
import { eventually, nextClientId, type RawClient } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();
const WAITING = 450;

/** Sends them at once; resolves with the server's ids in the order of sending. */
async function sendMany(from: RawClient, to: string, count: number): Promise<bigint[]> {
  const ids = Array.from({ length: count }, () => nextClientId());
  ids.forEach((id, i) => from.write(client.encodeSend({ id, to: { appKey: from.appKey, name: to, domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: from.user, to, text: `${i}` }) })));
  const answers = new Map<bigint, client.DownlinkSync>();
  let seen = 0;
  await eventually(
    () => {
      for (; seen < from.frames.length; seen++) {
        const { sync } = from.frames[seen]!;
        if (sync && sync.metaId !== 0n) answers.set(sync.metaId, sync);
      }
      return answers.size === count;
    },
    { what: 'answers to all' },
  );
  return ids.map((id) => {
    const { status, serverId } = answers.get(id)!;
    expect(status?.code ?? 0).toBe(0);
    return serverId;
  });
}

describe('a device that was away for more messages than are counted', () => {
  it('is told of 200 and gets all of them, in order, once; so does the SDK', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    for (const resource of ['webim_web_phone', 'webim_web_tab']) {
      const known = await on.rawOnline(bob, { resource });
      await known.frame((one) => one.unread !== undefined);
      known.terminate();
    }
    const ids = await sendMany(await on.rawOnline(alice), bob.username, WAITING);

    const tab = await on.rawOnline(bob, { resource: 'webim_web_tab' });
    const { unread } = await tab.frame((one) => one.unread !== undefined);
    expect(unread?.queues).toMatchObject([{ jid: { name: alice.username }, n: 200 }]);
    await eventually(() => tab.inbox.messageIds().length >= WAITING, { what: 'all messages' });
    expect(tab.inbox.messageIds()).toEqual(ids);

    const phone = await on.online(bob, { deviceId: 'phone', gateway: 1 });
    await phone.event('onTextMessage', (one) => one.id === String(ids.at(-1)), 20_000);
    expect(phone.seen('onTextMessage').map((one: { id: string }) => one.id)).toEqual(ids.map(String));
  });
});
