import 'reflect-metadata';
import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Bus } from '@parley/bus';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import type { RestAnswer } from '@parley/testkit';
import { generateSigningKey, type TokenClaims, TokenSigner } from '@parley/tokens';
import type { AddressInfo } from 'node:net';
import { ApiModule } from './api.module.js';
import { AUTH_CLIENT, USER_CLIENT } from './clients.js';
import { loadServiceConfig } from './config.js';
import { createAdapter } from './http/server.js';

export const chat = { appId: 7, appUuid: '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b', org: 'demo', app: 'chat' };
/** Registers openly. */
export const open = { ...chat, appId: 9, app: 'open' };
export const other = { ...chat, appId: 8, appUuid: '9e0d4a55-5c1d-4f0e-9a55-1c2d3e4f5a6b', app: 'other' };

export const alice = {
  userId: 41n,
  uuid: '6f1c1b0a-5c1d-4f0e-9a55-1c2d3e4f5a6b',
  username: 'alice',
  nickname: '',
  activated: true,
  createdMs: 1_700_000_000_000n,
  modifiedMs: 1_700_000_000_001n,
  tokenEpoch: 3,
  pushStyle: 0,
  pushBindings: [],
};

/** On a busy machine the edge takes seconds to start. */
jest.setTimeout(30_000);

type Stub = (request: never, options?: never) => Promise<unknown>;

export interface Options {
  /** JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  token?: string;
  headers?: Record<string, string>;
}

export interface ApiUnderTest {
  readonly url: string;
  call(method: string, path: string, options?: Options): Promise<RestAnswer>;
  tokenFor(claims?: Partial<TokenClaims>): Promise<string>;
  /** What the services answer; may be replaced. */
  readonly auth: Record<string, Stub>;
  readonly users: Record<string, Stub>;
  readonly bus: { request: Stub };
  /** Present epochs by user id; 0 = of any app. */
  readonly epochs: Map<bigint, number>;
  /** Every route that Fastify serves: "GET /:org/:app/users". */
  readonly routes: readonly string[];
  stop(): Promise<void>;
}

/**
 * The whole REST edge on a free port, with real signed tokens, in front of services that are answered for here. One for each
 * test file: Passport keeps its strategies for the process.
 */
export async function apiUnderTest(): Promise<ApiUnderTest> {
  const key = await generateSigningKey();
  const signer = await TokenSigner.from(key);
  const apps = new Map([chat, open, other].map((tenant) => [`${tenant.org}#${tenant.app}`, tenant]));
  const auth: Record<string, Stub> = {
    getVerificationKeys: async () => ({ jwksJson: JSON.stringify({ keys: [key.publicJwk] }) }),
    resolveApp: async ({ org, app }: { org: string; app: string }) => {
      const tenant = apps.get(`${org}#${app}`);
      if (!tenant) throw new DomainError('organization_application_not_found');
      return { tenant, settings: { openRegistration: tenant === open, tokenTtlSeconds: 60n } };
    },
  };
  const users: Record<string, Stub> = {
    getUser: async ({ username }: { username: string }) => {
      if (foldUsername(username) !== alice.username) throw new DomainError('user_not_found', { username });
      return alice;
    },
    waitUntilReady: async () => undefined,
  };
  const epochs = new Map([[alice.userId, alice.tokenEpoch], [0n, 0]]);
  const bus = {
    request: (async (_subject: never, asked?: { holders?: { userId: bigint }[] }) =>
      asked && 'appId' in asked ? { found: true, suspended: false, settingsJson: '', ceilingsJson: '' } : asked?.holders ? { epochs: asked.holders.map(({ userId }) => epochs.get(userId) ?? -1) } : {}) as Stub,
    onBroadcast: () => ({ unsubscribe: () => undefined }),
  };
  const config = loadServiceConfig({});
  const module = await Test.createTestingModule({ imports: [ApiModule.with(config)] })
    .overrideProvider(Bus)
    .useValue(bus)
    .overrideProvider(AUTH_CLIENT)
    .useValue(auth)
    .overrideProvider(USER_CLIENT)
    .useValue(users)
    .compile();
  const adapter = await createAdapter(config.api, config.transport);
  const routes: string[] = [];
  adapter.getInstance().addHook('onRoute', ({ method, url }: { method: string | string[]; url: string }) => {
    routes.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  const app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false, bodyParser: false });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return {
    url,
    auth,
    users,
    bus,
    epochs,
    routes,
    tokenFor: (claims = {}) => signer.sign({ kind: 'app', tenant: chat, ttlSeconds: 60, ...claims }),
    call: async (method, path, { body, raw, token, headers } = {}) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: raw === undefined ? JSON.stringify(body) : new TextEncoder().encode(raw),
      });
      return { status: response.status, headers: response.headers, body: JSON.parse((await response.text()) || 'null') };
    },
    stop: () => app.close(),
  };
}

export const aliceToken: Partial<TokenClaims> = { kind: 'user', userId: alice.userId, username: 'alice', tokenEpoch: alice.tokenEpoch };
