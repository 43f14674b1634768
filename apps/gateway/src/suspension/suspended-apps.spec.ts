import { describe, expect, it } from '@jest/globals';
import { SuspendedApps } from './suspended-apps.js';

describe('the sessions of an app', () => {
  const given = (answer: { found: boolean; suspended: boolean }) => {
    const ended: string[] = [];
    let tell: (changed: { appId: number }) => void = () => undefined;
    const users = [{ appId: 1, userId: 10n }, { appId: 2, userId: 20n }];
    const apps = new SuspendedApps(
      {
        request: async () => answer,
        subscribeAppChanges: (callback: typeof tell) => {
          tell = callback;
          return { unsubscribe: () => undefined };
        },
      } as never,
      { users: () => users, of: ({ appId, userId }: (typeof users)[0]) => [`${appId}/${userId}`] } as never,
      { end: (session: unknown) => ended.push(String(session)) } as never,
    );
    apps.start();
    const changed = async (appId: number) => {
      tell({ appId });
      for (let round = 0; round < 5; round++) await Promise.resolve();
      apps.stop();
      return ended;
    };
    return { changed };
  };

  it('end when it is suspended, and no others', async () => {
    expect(await given({ found: true, suspended: true }).changed(1)).toEqual(['1/10']);
  });

  it('end when it is gone', async () => {
    expect(await given({ found: false, suspended: false }).changed(2)).toEqual(['2/20']);
  });

  it('go on when something else of it changed', async () => {
    expect(await given({ found: true, suspended: false }).changed(1)).toEqual([]);
  });
});
