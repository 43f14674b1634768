import { describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@parley/testkit';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

describe('messages that wait for a user', () => {
  it('are counted until one of his devices has them', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const alices = await on.online(alice);
    const count = async () => (await rest.call('GET', `/users/${bob.username}/offline_msg_count`)).body.data[bob.username] as number;
    const state = async (id: string) => (await rest.call('GET', `/users/${bob.username}/offline_msg_status/${id}`)).body.data[id] as string;
    expect(await count()).toBe(0);

    const ids = [await alices.sendText(bob.username, 'one'), await alices.sendText(bob.username, 'two')];
    await alices.send({ type: 'read', chatType: 'singleChat', to: bob.username, id: ids[0] }).catch(() => undefined);

    const answer = await rest.call('GET', `/users/${bob.username}/offline_msg_count`);
    expectEnvelope(on.platform, answer, 'get', `/users/${bob.username}/offline_msg_count`, { data: { [bob.username]: 2 } });
    expect([await state(ids[0]!), await state(ids[1]!)]).toEqual(['undelivered', 'undelivered']);
    expect((await rest.call('GET', `/users/${alice.username}/offline_msg_count`)).body.data).toEqual({ [alice.username]: 0 });

    const bobs = await on.online(bob);
    await bobs.event('onTextMessage', (one) => one.id === ids[1]);
    await eventually(async () => (await count()) === 0, { what: 'nothing waits any more' });
    expect([await state(ids[0]!), await state(ids[1]!), await state('1')]).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('are not those of somebody else, nor of nobody', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const id = await (await on.online(alice)).sendText(bob.username, 'for bob');
    expect((await rest.call('GET', `/users/${carol.username}/offline_msg_status/${id}`)).body.data).toEqual({ [id]: 'delivered' });
    const nobody = uniqueName('nobody');
    for (const path of ['offline_msg_count', `offline_msg_status/${id}`]) {
      expectError(await rest.call('GET', `/users/${nobody}/${path}`), 404, 'service_resource_not_found', 'Service resource not found');
    }
    expect((await rest.call('GET', `/users/${bob.username}/offline_msg_status/x1`)).status).toBe(400);
    expect((await rest.call('GET', `/users/${bob.username}/offline_msg_status/99999999999999999999`)).status).toBe(400);
  });
});
