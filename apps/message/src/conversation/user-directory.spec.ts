import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Bus } from '@parley/bus';
import { directoryKey, UserDirectory } from './user-directory.js';

interface Name {
  appId: number;
  username: string;
}

const asked: string[][] = [];
let users: ReadonlyMap<string, bigint>;
let gate: Promise<void> | undefined;
let tell: (news: { names: Name[] }) => void;
let reconnect: () => void;
let directory: UserDirectory;

/** The user service behind the bus: who has which name is in `users`. */
beforeEach(() => {
  asked.length = 0;
  users = new Map([['alice', 1n], ['bob', 2n]]);
  gate = undefined;
  const bus = {
    request: async (_: unknown, { names }: { names: Name[] }) => {
      asked.push(names.map((one) => one.username));
      const userIds = names.map((one) => users.get(one.username) ?? 0n);
      await gate;
      return { userIds };
    },
    onBroadcast: (_: unknown, callback: typeof tell) => ((tell = callback), { unsubscribe: () => {} }),
    onReconnect: (callback: () => void) => ((reconnect = callback), { unsubscribe: () => {} }),
  };
  directory = new UserDirectory(bus as unknown as Bus);
});

const named = (username: string): Name => ({ appId: 7, username });
const idsOf = async (...names: string[]) => {
  const found = await directory.resolve(names.map(named));
  return names.map((name) => found.get(directoryKey(7, name)));
};
const alicesNameGoesTo = (id: bigint) => (users = new Map([...users, ['alice', id]]));

describe('what is remembered of names', () => {
  it('costs one request for all that are not known; who does not exist is asked for again', async () => {
    expect(await idsOf('alice', 'bob', 'nobody')).toEqual([1n, 2n, undefined]);
    expect(await idsOf('bob', 'nobody', 'alice')).toEqual([2n, undefined, 1n]);
    expect(asked).toEqual([['alice', 'bob', 'nobody'], ['nobody']]);
  });

  it('is forgotten when the name is freed, in that app', async () => {
    await idsOf('alice', 'bob');
    alicesNameGoesTo(3n);
    tell({ names: [{ appId: 8, username: 'alice' }] });
    expect(await idsOf('alice')).toEqual([1n]);
    tell({ names: [named('alice')] });
    expect(await idsOf('alice', 'bob')).toEqual([3n, 2n]);
    expect(asked.at(-1)).toEqual(['alice']);
  });

  it('is not an answer that was given before news which overtook it', async () => {
    let open = () => {};
    gate = new Promise((resolve) => (open = resolve));
    const early = idsOf('alice', 'bob');
    alicesNameGoesTo(3n);
    tell({ names: [named('alice')] });
    open();
    expect(await early).toEqual([1n, 2n]);
    expect(await idsOf('alice', 'bob')).toEqual([3n, 2n]);
    expect(asked).toEqual([['alice', 'bob'], ['alice']]);
  });

  it('is doubted after the connection was lost, with the news of that time', async () => {
    await idsOf('alice');
    alicesNameGoesTo(3n);
    reconnect();
    expect(await idsOf('alice')).toEqual([3n]);
  });
});
