import { describe, expect, it } from '@jest/globals';
import { eventually, type Inbox } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();
/** The official SDKs recognise an id among the last hundred of all conversations together. */
const PEERS = 3;
const EACH = 60;

function appearances(inbox: Inbox): Map<bigint, number> {
  const counts = new Map<bigint, number>();
  for (const { id } of inbox.all) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

describe('a connection that is lost with its acknowledgements', () => {
  it('leaves so little in doubt that a client recognises all that comes again', async () => {
    const bob = await on.user('bob');
    const sent: bigint[] = [];
    for (let peer = 0; peer < PEERS; peer++) {
      const from = await on.rawOnline(await on.user(`peer${peer}`));
      const answers = await Promise.all(Array.from({ length: EACH }, (_, i) => from.sendText(bob.username, `${peer}.${i}`)));
      sent.push(...answers.map((answer) => answer.serverId));
    }
    const lossy = await on.rawOnline(bob, { resource: 'webim_web_lossy', acknowledges: false });
    await eventually(() => lossy.inbox.all.length > 0, { what: 'the first page' });
    // Nothing more comes once the server has stopped to wait for an acknowledgement.
    let before = -1;
    await eventually(() => before === (before = lossy.inbox.all.length), { everyMs: 500, what: 'silence' });
    lossy.terminate();

    const back = await on.rawOnline(bob, { resource: 'webim_web_lossy', inbox: lossy.inbox });

    const { unread } = await back.frame((one) => one.unread !== undefined);
    const ended = (name: string | undefined) => back.frames.some(({ sync }) => sync?.queue?.name === name && sync?.isLast === true);
    await eventually(() => unread!.queues.every(({ jid }) => ended(jid?.name)), { what: 'the end of all queues' });
    expect(new Set(back.inbox.all.map((one) => one.id))).toEqual(new Set(sent));
    const twice = [...appearances(back.inbox).values()].filter((count) => count > 1).length;
    expect({ shownTwice: twice }).toEqual({ shownTwice: 0 });
  });
});
