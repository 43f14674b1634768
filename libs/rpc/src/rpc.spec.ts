import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { rpcClient, type RpcClient, type RpcImplementation, type RunningRpcServer, shareServers, startHealthServer, startRpcServer } from './index.js';

type Methods = RpcImplementation<typeof user.UserServiceService>;
const tenant = { appId: 1, appUuid: 'u', org: 'demo', app: 'chat' };
const alice = user.User.fromPartial({ userId: 9_007_199_254_740_993n, username: 'alice' });

let finishSlowCall: () => void = () => undefined;
let slowCallBegan: () => void = () => undefined;

/** A user service whose answers depend on the name asked for. */
function methods(): Methods {
  const refuse = async (): Promise<never> => {
    throw new Error('not part of this test');
  };
  return {
    getUser: async ({ username }) => {
      if (username === 'broken') throw new Error('password of the database is hunter2');
      if (username === 'nul') throw Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: '22021' });
      if (username === 'restarting') throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      if (username === 'silent') return new Promise(() => undefined);
      if (username === 'slow') {
        slowCallBegan();
        await new Promise<void>((resolve) => (finishSlowCall = resolve));
      }
      if (username !== 'alice' && username !== 'slow') throw new DomainError('username_illegal', { username });
      return alice;
    },
    registerUsers: refuse,
    listUsers: refuse,
    deleteUser: refuse,
    deleteUsers: refuse,
    setPassword: refuse,
    verifyPassword: refuse,
    ensureUser: refuse,
    getOnlineStatus: refuse,
    disconnect: refuse,
  };
}

const begin = (address = '127.0.0.1:0') => startRpcServer({ address, services: [[user.UserServiceService, methods()]] });

describe.each([
  ['over the network', () => undefined],
  ['within a process that shares its servers', shareServers],
])('%s,', (_, given) => {
  beforeAll(given);

  describe('a call to another service', () => {
    let server: RunningRpcServer;
    let users: RpcClient<typeof user.UserServiceService>;

    beforeAll(async () => {
      server = await begin();
      users = rpcClient(user.UserServiceClient, server.address);
      await users.waitUntilReady(5_000);
    });

    afterAll(async () => {
      users.close();
      await server.stop();
    });

    it('answers what the service answers', async () => {
      expect(await users.getUser({ tenant, username: 'alice' })).toEqual(alice);
    });

    it.each(['b@d', '李雷 "x"\n\\', '\u{1f600}', ''])('throws the domain error of the service, its parameters in any alphabet: %j', async (username) => {
      const error = await users.getUser({ tenant, username }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ code: 'username_illegal', params: { username } });
    });

    it('throws the domain error also when a parameter is enormous', async () => {
      await expect(users.getUser({ tenant, username: '!'.repeat(100_000) })).rejects.toMatchObject({ code: 'username_illegal' });
    });

    it('learns nothing of what went wrong inside', async () => {
      const error = await users.getUser({ tenant, username: 'broken' }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'internal' });
      expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
    });

    it('may be made again when the store of the service was away', async () => {
      await expect(users.getUser({ tenant, username: 'restarting' })).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('is told that a value is illegal when the store cannot take it', async () => {
      await expect(users.getUser({ tenant, username: 'nul' })).rejects.toMatchObject({ code: 'illegal_argument' });
    });

    it('ends at its deadline when nothing comes', async () => {
      const began = Date.now();
      await expect(users.getUser({ tenant, username: 'silent' }, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'unavailable' });
      expect(Date.now() - began).toBeLessThan(3_000);
    });
  });

  describe('a service that is not up yet', () => {
    it('is waited for', async () => {
      const probe = await begin();
      const { address } = probe;
      await probe.stop();
      const users = rpcClient(user.UserServiceClient, address);
      await expect(users.getUser({ tenant, username: 'alice' }, { deadlineMs: 150 })).rejects.toMatchObject({ code: 'unavailable' });
      const answer = users.getUser({ tenant, username: 'alice' });
      const server = await begin(address);
      expect(await answer).toEqual(alice);
      users.close();
      await server.stop();
    });

    it('cannot start on an address that is taken', async () => {
      const server = await begin();
      await expect(begin(server.address)).rejects.toBeInstanceOf(Error);
      await server.stop();
    });
  });

  describe('a service that stops', () => {
    it('finishes the calls at work', async () => {
      const server = await begin();
      const users = rpcClient(user.UserServiceClient, server.address);
      const begun = new Promise<void>((resolve) => (slowCallBegan = resolve));
      const answer = users.getUser({ tenant, username: 'slow' });
      await begun;
      let hasStopped = false;
      const stopped = server.stop().then(() => (hasStopped = true));
      await new Promise(setImmediate);
      expect(hasStopped).toBe(false);
      finishSlowCall();
      expect(await answer).toEqual(alice);
      await stopped;
      users.close();
    });

    it('that is full refuses further calls', async () => {
      const server = await startRpcServer({ address: '127.0.0.1:0', services: [[user.UserServiceService, methods()]], maxConcurrentCalls: 0 });
      const users = rpcClient(user.UserServiceClient, server.address);
      await expect(users.getUser({ tenant, username: 'alice' })).rejects.toMatchObject({ code: 'unavailable' });
      users.close();
      await server.stop();
    });
  });
});

describe('the health server', () => {
  it('tells a live process from a ready one', async () => {
    let ready = (): boolean => true;
    const health = await startHealthServer({ host: '127.0.0.1', port: 0, ready: () => ready() });
    const get = async (path: string) => (await fetch(`http://${health.address}${path}`)).status;
    expect([await get('/health/live'), await get('/health/ready'), await get('/')]).toEqual([200, 200, 404]);
    ready = () => {
      throw new Error('database is away');
    };
    expect([await get('/health/live'), await get('/health/ready')]).toEqual([200, 503]);
    await health.close();
  });
});
