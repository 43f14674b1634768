import { describe, expect, it } from '@jest/globals';
import { SuspendedApps } from './suspended-apps.js';

const [ours, theirs] = [undefined, '@idp'];

describe('the sessions of an app', () => {
  const given = (answer: { found: boolean; suspended: boolean; issuers?: string[] }) => {
    const ended: string[] = [];
    let tell: (changed: { appId: number }) => void = () => undefined;
    const users = [{ appId: 1, userId: 10n }, { appId: 2, userId: 20n }];
    const apps = new SuspendedApps(
      {
        request: async () => ({ issuers: [], ...answer }),
        onBroadcast: (_: unknown, callback: typeof tell) => {
          tell = callback;
          return { unsubscribe: () => undefined };
        },
      } as never,
      { users: () => users, of: ({ appId, userId }: (typeof users)[0]) => [ours, theirs].map((issuer) => ({ name: `${appId}/${userId}${issuer ?? ''}`, identity: { issuer } })) } as never,
      { end: ({ name }: { name: string }) => ended.push(name) } as never,
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
    expect(await given({ found: true, suspended: true }).changed(1)).toEqual(['1/10', '1/10@idp']);
  });

  it('end when it is gone', async () => {
    expect(await given({ found: false, suspended: false }).changed(2)).toEqual(['2/20', '2/20@idp']);
  });

  it('that an issuer let in end when it is removed, and no others', async () => {
    expect(await given({ found: true, suspended: false }).changed(1)).toEqual(['1/10@idp']);
  });

  it('go on when an issuer of theirs is still trusted', async () => {
    expect(await given({ found: true, suspended: false, issuers: ['@idp'] }).changed(1)).toEqual([]);
  });
});
