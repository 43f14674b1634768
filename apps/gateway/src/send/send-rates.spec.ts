import { describe, expect, it } from '@jest/globals';
import { type AppSettings, defaultAppSettings } from '@parley/app-settings';
import { client, NameSpace } from '@parley/msync';
import { Session } from '../session/session.js';
import { isReceipt } from './receipt.rules.js';
import { SendRates } from './send-rates.js';

/** A gateway that shares its app's rate with nobody. */
class Scene {
  nowMs = 1_000_000;
  settings: AppSettings | undefined = defaultAppSettings;
  readonly #taken = new Map<string, number>();
  readonly rates = new SendRates(
    {
      takeNow: (appId, _, limit, count) => {
        const key = `${appId} ${Math.floor(this.nowMs / 1_000)}`;
        const taken = (this.#taken.get(key) ?? 0) + count;
        if (taken > limit) return false;
        this.#taken.set(key, taken);
        return true;
      },
    },
    { peek: () => this.settings },
  );

  device(userId: bigint, appId = 1): Session {
    const session = new Session({ send: () => undefined, end: () => undefined, buffered: () => 0 }, 0);
    const tenant = { appId, appUuid: '', org: 'org', app: 'app' } as unknown as NonNullable<Session['identity']>['tenant'];
    session.identity = { tenant, userId, username: `user${userId}`, resource: 'web', sessionId: '', tokenEpoch: 0, keyId: undefined, issuer: undefined };
    return session;
  }

  admitted(session: Session, messages: number, receipt = false): number {
    return Array.from({ length: messages }, () => this.rates.admits(session, receipt, this.nowMs)).filter(Boolean).length;
  }
}

describe('how fast clients may send', () => {
  it('a user has one rate for all his devices; another user has his own; the next second begins anew', () => {
    const scene = new Scene();
    scene.settings = { ...defaultAppSettings, rateUserSends: 10 };
    const [phone, laptop, bob] = [scene.device(1n), scene.device(1n), scene.device(2n)];
    expect(scene.admitted(phone, 8)).toBe(8);
    expect(scene.admitted(laptop, 8)).toBe(2);
    expect(scene.admitted(bob, 8)).toBe(8);
    scene.nowMs += 1_000;
    expect(scene.admitted(laptop, 8)).toBe(8);
  });

  it('an app has one rate for all its users, and leaves other apps theirs', () => {
    const scene = new Scene();
    scene.settings = { ...defaultAppSettings, rateClientSends: 2_500 };
    const users = Array.from({ length: 5 }, (_, i) => scene.device(BigInt(i)));
    expect(users.map((user) => scene.admitted(user, 800)).reduce((sum, one) => sum + one)).toBe(2_500);
    expect(scene.admitted(scene.device(1n, 2), 800)).toBe(800);
  });

  it('receipts use up no messages and are not refused for messages', () => {
    const scene = new Scene();
    scene.settings = { ...defaultAppSettings, rateUserSends: 10, rateClientSends: 10, rateUserReceipts: 50 };
    const alice = scene.device(1n);
    expect(scene.admitted(alice, 40, true)).toBe(40);
    expect(scene.admitted(alice, 20)).toBe(10);
    expect(scene.admitted(alice, 20, true)).toBe(10);
  });

  it('by default nobody is slowed down, as long as the settings are not known neither', () => {
    const scene = new Scene();
    scene.settings = undefined;
    const users = Array.from({ length: 50 }, (_, i) => scene.device(BigInt(i)));
    expect(users.map((user) => scene.admitted(user, 1_000)).every((one) => one === 1_000)).toBe(true);
  });

  it('settings that are being asked for anew leave the last ones in force', () => {
    const scene = new Scene();
    scene.settings = { ...defaultAppSettings, rateUserSends: 3 };
    const alice = scene.device(1n);
    expect(scene.admitted(alice, 5)).toBe(3);
    scene.settings = undefined;
    scene.nowMs += 1_000;
    expect(scene.admitted(alice, 5)).toBe(3);
  });
});

describe('what a receipt is', () => {
  const body = (type: number) => Uint8Array.of(8, type, 48, 1);
  it.each([[4, true], [5, true], [7, true], [0, false], [6, false]])('a body of type %i: %s', (type, expected) => {
    expect(isReceipt({ ns: NameSpace.CHAT, payload: body(type) })).toBe(expected);
  });

  it('not what only begins like one', () => {
    expect(isReceipt({ ns: NameSpace.CHAT, payload: Uint8Array.of(8, 4, 8, 0) })).toBe(false);
    expect(isReceipt({ ns: NameSpace.CHAT, payload: Uint8Array.of(8, 4, 255) })).toBe(false);
    expect(isReceipt({ ns: NameSpace.CHAT, payload: client.textBody({ from: 'a', to: 'b', text: 'x' }) })).toBe(false);
  });
});
