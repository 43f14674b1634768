import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attributes, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from '../start.js';

let backbone: Backbone;
let all: RpcClient<typeof attributes.AttributeServiceService>;

/** What each app has set. */
const settings: Record<number, object> = { 1: { userAttributesAppBytes: 100 }, 2: { userAttributesEnabled: false }, 3: {} };

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.settings((appId) => settings[appId]!);
  const service = await backbone.service(userService);
  const users = backbone.client(user.UserServiceClient, service);
  all = backbone.client(attributes.AttributeServiceClient, service);
  for (const appId of [1, 2, 3]) for (let i = 0; i < 5; i++) await users.ensureUser({ tenant: tenantOf(appId), username: `user${i}`, autoCreate: true });
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

const set = (appId: number, username: string, pairs: Record<string, string>) => all.setAttributes({ tenant: tenantOf(appId), username, attributes: pairs });
const capacity = async (appId: number) => Number((await all.getAttributeCapacity({ tenant: tenantOf(appId) })).bytes);

describe('attributes of an app', () => {
  it('stay within its limit, also when all write at once; what makes them smaller is always taken', async () => {
    const tries = await Promise.allSettled([0, 1, 2, 3, 4].map((i) => set(1, `user${i}`, { ext: 'x'.repeat(37) })));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'app_attributes_too_large', params: { limit: '100' } });
    expect(await capacity(1)).toBe(80);
    const winner = `user${tries.findIndex((one) => one.status === 'fulfilled')}`;
    await set(1, winner, { ext: 'short' });
    expect(await capacity(1)).toBe(48);
  });

  it('of one user are merged when written from two places at once', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => set(3, 'user0', { [`key${i}`]: String(i) })));
    const [found] = (await all.getAttributes({ tenant: tenantOf(3), usernames: ['user0'], keys: [] })).users;
    expect(Object.keys(found!.attributes).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `key${i}`));
    expect(await capacity(3)).toBe(50);
  });

  it('are refused where the app has switched them off, and are nobody else\'s', async () => {
    const off = { code: 'user_attributes_disabled', params: { appKey: 'demo#chat2' } };
    await expect(set(2, 'user0', { ext: 'x' })).rejects.toMatchObject(off);
    await expect(all.getAttributes({ tenant: tenantOf(2), usernames: ['user0'], keys: [] })).rejects.toMatchObject(off);
    await expect(all.deleteAttributes({ tenant: tenantOf(2), username: 'user0' })).rejects.toMatchObject(off);
    await expect(capacity(2)).rejects.toMatchObject(off);
    expect((await all.getAttributes({ tenant: tenantOf(3), usernames: ['user1'], keys: [] })).users[0]!.attributes).toEqual({});
  });
});
