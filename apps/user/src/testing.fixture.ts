import { expect } from '@jest/globals';
import { broadcasts, type Bus, requests } from '@parley/bus';
import { type live, type revocation, type Tenant, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from './start.js';

/** The user service on real PostgreSQL and NATS, as its callers and the gateways see it. */
export class UserServiceUnderTest {
  backbone!: Backbone;
  bus!: Bus;
  users!: RpcClient<typeof user.UserServiceService>;
  service!: Awaited<ReturnType<typeof userService.start>>;
  appId = 0;
  #sessions = 0;

  async start(): Promise<void> {
    this.backbone = await Backbone.start();
    this.bus = this.backbone.bus;
    this.service = await this.backbone.service(userService);
    this.users = this.backbone.client(user.UserServiceClient, this.service);
  }

  async stop(): Promise<void> {
    await this.backbone?.stop();
  }

  /** Each test has an app of its own. */
  nextApp(): void {
    this.appId++;
  }

  get tenant(): Tenant {
    return tenantOf(this.appId);
  }

  register = async (...names: string[]): Promise<user.User[]> => {
    const { created } = await this.users.registerUsers({ tenant: this.tenant, users: names.map((name) => person(name)), single: false });
    expect(created.map((one) => one.username)).toEqual(names);
    return created;
  };

  /** What reaches the gateways of a user. `next` resolves with the next envelope. */
  gatewayOf = async (userId: bigint) => {
    const seen: live.LiveEnvelope[] = [];
    const waiting: ((envelope: live.LiveEnvelope) => void)[] = [];
    const subscription = this.bus.subscribeLive(this.appId, userId, (envelope) => {
      const next = waiting.shift();
      if (next) next(envelope);
      else seen.push(envelope);
    });
    await this.bus.flush();
    return {
      seen,
      next: async () => seen.shift() ?? new Promise<live.LiveEnvelope>((resolve) => waiting.push(resolve)),
      close: () => subscription.unsubscribe(),
    };
  };

  /** What every edge is told of the user's tokens. */
  edgesOf = async (userId: bigint) => {
    const { appId } = this;
    let close = () => {};
    const told = new Promise<revocation.Revocation>((resolve) => {
      const subscription = this.bus.onBroadcast(broadcasts.revoked, ({ revocations }) => {
        const [one] = revocations.filter((each) => each.appId === appId && each.userId === userId);
        if (one) resolve(one);
      });
      close = () => subscription.unsubscribe();
    });
    await this.bus.flush();
    return { next: () => told, close };
  };

  login = (who: user.User, resource: string, changes: Partial<user.OpenSession> = {}): user.OpenSession => ({
    tenant: this.tenant,
    userId: who.userId,
    username: who.username,
    tokenEpoch: who.tokenEpoch,
    resource,
    platform: 'web',
    deviceUuid: 'd',
    deviceName: 'browser',
    sessionId: `s${++this.#sessions}`,
    loginExt: `login on ${resource}`,
    ...changes,
  });

  open = async (...logins: user.OpenSession[]): Promise<user.SessionVerdict[]> => {
    const { decisions } = await this.bus.request(requests.openSessions, { sessions: logins });
    return decisions.map((decision) => decision.verdict);
  };
}

export const code = (expected: string, params: object = {}) => expect.objectContaining({ code: expected, params: expect.objectContaining(params) });
export const person = (username: string, password = 'secret') => ({ username, password, nickname: '' });
