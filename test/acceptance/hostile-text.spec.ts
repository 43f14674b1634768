import { describe, expect, it } from '@jest/globals';
import { client } from '@parley/msync';
import { stage } from './stage.js';

/** Values that a text column refuses: one in a batch must not harm what others sent at the same moment. */
describe('text that cannot be stored', () => {
  const on = stage();

  it('in a device id refuses that login and no other', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = await on.platform.rest.userToken(alice.username, alice.password);
    const hostile = await on.raw();
    const [refused, honest] = await Promise.all([
      hostile.provision({ appKey: on.platform.endpoints.appKey, user: alice.username, token, resource: 'web\u0000' }),
      on.rawOnline(bob),
    ]);
    expect(refused.status?.code).toBe(4);
    await honest.frame((one) => one.unread !== undefined);
  });

  it('in a recipient refuses that message and no other', async () => {
    const [alice, bob, eve] = [await on.user('alice'), await on.user('bob'), await on.user('eve')];
    const [honest, hostile] = [await on.rawOnline(alice), await on.rawOnline(eve)];
    const payload = client.textBody({ from: eve.username, to: 'x', text: 'x' });
    const jid = { appKey: eve.username, name: bob.username, domain: 'easemob.com', clientResource: 'a\u0000b' };
    const [stored, badName, badDevice] = await Promise.all([
      honest.sendText(bob.username, 'hello'),
      hostile.send({ to: 'b\u0000b', payload }),
      hostile.send({ to: { ...jid, appKey: on.platform.endpoints.appKey }, payload }),
    ]);
    expect(stored.serverId).toBeGreaterThan(0n);
    expect(badName.status?.code).toBe(1);
    expect(badDevice.status?.code).toBe(1);
  });

  it('in a queue name is answered as an empty queue', async () => {
    const alice = await on.rawOnline(await on.user('alice'));
    alice.write(client.encodeSync({ queue: { appKey: alice.appKey, name: 'b\u0000b', domain: 'easemob.com', clientResource: '' } }));
    const { sync } = await alice.frame((one) => one.sync?.queue?.name === 'b\u0000b');
    expect(sync).toMatchObject({ isLast: true, metas: [] });
  });

  it('in a path or body of the REST API is the caller\'s mistake', async () => {
    const { rest } = on.platform;
    const answers = await Promise.all([
      rest.call('GET', '/users/a%00b'),
      rest.call('POST', '/users', { body: { username: 'a\u0000b', password: 'x' } }),
      rest.call('POST', '/messages/users', { body: { from: 'a\u0000b', to: ['x'], type: 'txt', body: { msg: 'x' } } }),
    ]);
    for (const answer of answers) expect(answer.status).toBeLessThan(500);
  });
});
