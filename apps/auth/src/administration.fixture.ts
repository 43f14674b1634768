import { createHash, randomBytes } from 'node:crypto';
import type { Bus } from '@parley/bus';
import { adminAccess, appAdmin, auth, organisations, registrations } from '@parley/contracts';
import type { RpcClient, RunningService } from '@parley/rpc';
import { Backbone, type Database } from '@parley/testkit';
import { TokenVerifier } from '@parley/tokens';
import * as authService from './start.js';

export const OPERATOR = { org: '-', login: 'root', password: 'correct horse battery' };
export const REDIRECT = 'https://console.example.org/signed-in';
export const origin = { address: '192.0.2.1', userAgent: 'spec' };

/** One replica of auth, as its callers see it. */
export interface Replica {
  readonly service: RunningService;
  readonly access: RpcClient<typeof adminAccess.AdminAccessServiceService>;
  readonly orgs: RpcClient<typeof organisations.OrganisationServiceService>;
  readonly apps: RpcClient<typeof appAdmin.AppAdminServiceService>;
  readonly registrations: RpcClient<typeof registrations.RegistrationServiceService>;
  readonly auth: RpcClient<typeof auth.AuthServiceService>;
  readonly verifier: TokenVerifier;
}

/** Two replicas of auth on one database and bus. */
export interface Authority {
  readonly one: Replica;
  readonly two: Replica;
  readonly bus: Bus;
  readonly database: Database;
  /** One more replica: it tidies up when it has started. */
  another(): Promise<Replica>;
  stop(): Promise<void>;
}

/** @param more settings beyond those that every test of administration has */
export async function startAuthority(more: NodeJS.ProcessEnv = {}): Promise<Authority> {
  const backbone = await Backbone.start();
  const [one, two] = await Promise.all([replica(backbone, more), replica(backbone, more)]);
  return { one, two, bus: backbone.bus, database: backbone.database, another: () => replica(backbone, more), stop: () => backbone.stop() };
}

async function replica(backbone: Backbone, more: NodeJS.ProcessEnv): Promise<Replica> {
  const service = await backbone.service(authService, {
    PARLEY_OPERATOR_LOGIN: OPERATOR.login,
    PARLEY_OPERATOR_PASSWORD: OPERATOR.password,
    PARLEY_OAUTH_CLIENTS: JSON.stringify({ console: [REDIRECT] }),
    PARLEY_PURGE_LEAST_SECONDS: '1',
    ...more,
  });
  const authClient = backbone.client(auth.AuthServiceClient, service);
  return {
    service,
    access: backbone.client(adminAccess.AdminAccessServiceClient, service),
    orgs: backbone.client(organisations.OrganisationServiceClient, service),
    apps: backbone.client(appAdmin.AppAdminServiceClient, service),
    registrations: backbone.client(registrations.RegistrationServiceClient, service),
    auth: authClient,
    verifier: new TokenVerifier(async () => (await authClient.getVerificationKeys({})).jwksJson),
  };
}

export interface Person {
  org: string;
  login: string;
  password: string;
}

/** A code, as the sign-in page gets it. */
export async function codeOf(at: Replica, who: Person, codeVerifier: string, from = origin): Promise<string> {
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  return (await at.access.signIn({ ...who, clientId: 'console', redirectUri: REDIRECT, codeChallenge, origin: from })).code;
}

export function exchange(at: Replica, code: string, codeVerifier: string, clientId = 'console', redirectUri = REDIRECT) {
  return at.access.exchangeCode({ code, clientId, redirectUri, codeVerifier, origin });
}

/** Signs in by the code flow. */
export async function signIn(at: Replica, who: Person): Promise<adminAccess.AdminTokens> {
  const verifier = randomBytes(32).toString('base64url');
  return exchange(at, await codeOf(at, who, verifier), verifier);
}

/** Asks as an edge does for every call. */
export async function authorize(at: Replica, accessToken: string, permission = '', targetOrg = '', targetApp = ''): Promise<adminAccess.AuthorizeResponse> {
  const { org, adminId, sessionId, epoch } = await at.verifier.verifyAdmin(accessToken);
  return at.access.authorize({ org, adminId, sessionId: sessionId ?? '', epoch, permission, targetOrg, targetApp, origin });
}

/** The actor of a fresh sign-in. */
export async function actorOf(at: Replica, who: Person): Promise<adminAccess.Actor> {
  return (await authorize(at, (await signIn(at, who)).accessToken)).actor!;
}

let organisationCount = 0;

/** A new organisation with its owner. */
export async function givenOrganisation(at: Replica): Promise<{ org: string; owner: Person; actor: adminAccess.Actor }> {
  const org = `org-${++organisationCount}-${randomBytes(3).toString('hex')}`;
  const operator = await actorOf(at, OPERATOR);
  const owner = { org, login: 'owner', password: 'a long enough password' };
  const { invitationToken } = await at.orgs.createOrganisation({ actor: operator, name: org, displayName: '', ownerLogin: owner.login });
  await at.orgs.acceptInvitation({ token: invitationToken, password: owner.password, origin });
  return { org, owner, actor: await actorOf(at, owner) };
}

/** A new administrator of the organisation, who has accepted. */
export async function givenAdministrator(at: Replica, actor: adminAccess.Actor, org: string, login: string, grant: Partial<organisations.Grant>): Promise<Person> {
  const { token } = await at.orgs.invite({ actor, org, login, grant: { role: 'admin', allApps: false, apps: [], ...grant } });
  const password = 'another long password';
  await at.orgs.acceptInvitation({ token, password, origin });
  return { org, login, password };
}

export const code = (expected: string) => ({ code: expected });
