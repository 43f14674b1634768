import { Inject, Injectable } from '@nestjs/common';
import type { adminAccess } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { TokenVerifier } from '@parley/tokens';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { Acts } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { type AdminSession, PrismaClient } from '../generated/client.js';
import { KeysService } from '../keys/keys.service.js';
import { SignInService } from '../sign-in/sign-in.service.js';
import { OAuthClients } from './clients.js';
import { digest, matchesChallenge, matchesDigest, randomSecret } from './secrets.js';

const CODE_MS = 60_000;
/** Of one person; the oldest gives way. */
const SESSIONS_MOST = 50;
const HOUR_MS = 3_600_000;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** OAuth 2.0 for administrators (RFC 6749, 7636, 7009; the narrowings of RFC 9700). */
@Injectable()
export class OAuthService {
  private readonly clients: OAuthClients;
  private readonly verifier: TokenVerifier;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly signIns: SignInService,
    private readonly keys: KeysService,
    private readonly acts: Acts,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {
    this.clients = new OAuthClients(config.oauthClients);
    this.verifier = new TokenVerifier(() => keys.jwksJson());
  }

  /** @throws DomainError oauth_client_unknown | oauth_redirect_mismatch */
  checkClient({ clientId, redirectUri }: adminAccess.CheckClientRequest): adminAccess.CheckClientResponse {
    this.clients.check(clientId, redirectUri);
    return {};
  }

  /** A code for one exchange. @throws DomainError as checkClient, sign_in_refused, sign_in_throttled, oauth_invalid_request */
  async signIn(request: adminAccess.SignInRequest): Promise<adminAccess.SignInResponse> {
    const { clientId, redirectUri, codeChallenge } = request;
    this.clients.check(clientId, redirectUri);
    if (!CHALLENGE.test(codeChallenge)) throw new DomainError('oauth_invalid_request', { detail: 'code_challenge must be of method S256' });
    const { org, adminId, epoch } = await this.signIns.check({ ...request, origin: request.origin });
    const code = randomSecret();
    const expiresAt = new Date(Date.now() + CODE_MS);
    await this.prisma.authorizationCode.create({ data: { codeHash: digest(code), org, adminId, epoch, clientId, redirectUri, codeChallenge, expiresAt } });
    return { code };
  }

  /** Starts a session. A code that comes again ends what it started. @throws DomainError oauth_invalid_grant */
  async exchangeCode(request: adminAccess.ExchangeCodeRequest): Promise<adminAccess.AdminTokens> {
    const codeHash = digest(request.code);
    // Used from now on, whatever becomes of this exchange.
    const [code] = await this.prisma.authorizationCode.updateManyAndReturn({
      where: { codeHash, usedAt: null, expiresAt: { gt: new Date() } },
      data: { usedAt: new Date() },
    });
    if (!code) {
      const used = await this.prisma.authorizationCode.findUnique({ where: { codeHash } });
      if (used?.sessionId) await this.endReused('session.code_reused', { ...used, sessionId: used.sessionId }, request.origin);
      throw new DomainError('oauth_invalid_grant');
    }
    const { org, adminId, epoch } = code;
    const fits = code.clientId === request.clientId && code.redirectUri === request.redirectUri && matchesChallenge(request.codeVerifier, code.codeChallenge);
    const person = await this.administrators.get(org, adminId).catch(() => undefined);
    if (!fits || !person || person.disabled || person.epoch !== epoch) throw new DomainError('oauth_invalid_grant');
    const refreshToken = randomSecret();
    const actor = { org, adminId, login: person.login, origin: request.origin };
    const session = await this.acts.run(actor, { name: 'session.started', org, target: person.login, detail: { client: code.clientId } }, async (tx) => {
      const made = await tx.adminSession.create({
        data: {
          org,
          adminId,
          clientId: code.clientId,
          address: (request.origin?.address ?? '').slice(0, 64),
          userAgent: (request.origin?.userAgent ?? '').slice(0, 256),
          expiresAt: new Date(Date.now() + this.config.adminSessionHours * HOUR_MS),
        },
      });
      await tx.refreshToken.create({ data: { tokenHash: digest(refreshToken), org, adminId, sessionId: made.sessionId } });
      const surplus = await tx.adminSession.findMany({ where: { org, adminId }, orderBy: { createdAt: 'desc' }, skip: SESSIONS_MOST, select: { sessionId: true } });
      await tx.adminSession.deleteMany({ where: { org, adminId, sessionId: { in: surplus.map((one) => one.sessionId) } } });
      await tx.authorizationCode.update({ where: { codeHash }, data: { sessionId: made.sessionId } });
      return made;
    });
    return this.tokens(person, session.sessionId, refreshToken);
  }

  /** Each refresh token works once. One that comes again was stolen, or its thief used it first: the session ends. @throws DomainError oauth_invalid_grant */
  async refresh({ refreshToken, clientId, origin }: adminAccess.RefreshTokensRequest): Promise<adminAccess.AdminTokens> {
    const tokenHash = digest(refreshToken);
    const found = await this.prisma.refreshToken.findUnique({ where: { tokenHash }, include: { session: { include: { administrator: true } } } });
    if (!found || found.session.clientId !== clientId || found.session.expiresAt.getTime() <= Date.now()) throw new DomainError('oauth_invalid_grant');
    const { session } = found;
    const next = randomSecret();
    const fresh = await this.prisma.$transaction(async (tx) => {
      const { count } = await tx.refreshToken.updateMany({ where: { tokenHash, usedAt: null }, data: { usedAt: new Date() } });
      if (count === 0) return false;
      await tx.refreshToken.create({ data: { tokenHash: digest(next), org: session.org, adminId: session.adminId, sessionId: session.sessionId } });
      return true;
    });
    if (!fresh) {
      await this.endReused('session.token_reused', session, origin);
      throw new DomainError('oauth_invalid_grant');
    }
    if (session.administrator.disabled) throw new DomainError('oauth_invalid_grant');
    return this.tokens(session.administrator, session.sessionId, next);
  }

  /** Grant client_credentials. @throws DomainError oauth_invalid_client */
  async issueKeyToken({ clientId, clientSecret }: adminAccess.IssueKeyTokenRequest): Promise<adminAccess.AdminTokens> {
    const org = clientId.slice(0, Math.max(clientId.lastIndexOf('.'), 0));
    const wellFormed = clientId.length <= 128 && !clientId.includes('\u0000');
    const key = wellFormed ? await this.administrators.byLogin(org, clientId) : undefined;
    const expired = key?.expiresAt && key.expiresAt.getTime() <= Date.now();
    if (key?.kind !== 'key' || key.disabled || expired || !matchesDigest(clientSecret, key.secretHash)) throw new DomainError('oauth_invalid_client');
    return this.tokens(key, undefined, '');
  }

  /**
   * RFC 7009: ends the session of a refresh or access token. One that is unknown, over, or another client's, is no error and
   * changes nothing.
   * @throws DomainError oauth_token_unsupported
   */
  async revoke({ token, clientId, origin }: adminAccess.RevokeTokenRequest): Promise<void> {
    const withSession = { include: { session: { include: { administrator: true } } } } as const;
    const refresh = await this.prisma.refreshToken.findUnique({ where: { tokenHash: digest(token) }, ...withSession });
    const session = refresh?.session ?? (await this.sessionOf(token));
    if (session?.clientId !== clientId) return;
    const { org, adminId, sessionId, administrator } = session;
    await this.acts.run({ org, adminId, login: administrator.login, origin }, { name: 'session.ended', org, target: administrator.login }, async (tx) => {
      await tx.adminSession.deleteMany({ where: { org, adminId, sessionId } });
    });
  }

  /** Of an access token. @throws DomainError oauth_token_unsupported for one of an API key */
  private async sessionOf(accessToken: string) {
    const claims = await this.verifier.verifyAdmin(accessToken).catch((error: unknown) => {
      if (error instanceof DomainError && error.entry.http === 401) return undefined;
      throw error;
    });
    if (!claims) return undefined;
    const { org, adminId, sessionId } = claims;
    if (sessionId === undefined) throw new DomainError('oauth_token_unsupported');
    return this.prisma.adminSession.findUnique({ where: { org_adminId_sessionId: { org, adminId, sessionId } }, include: { administrator: true } });
  }

  /** Deletes codes and sessions that are over. */
  async forgetOld(): Promise<void> {
    const over = { expiresAt: { lt: new Date() } };
    await this.prisma.adminSession.deleteMany({ where: over });
    // A day longer, so that a code that comes late is still known as used.
    await this.prisma.authorizationCode.deleteMany({ where: { expiresAt: { lt: new Date(Date.now() - 24 * HOUR_MS) } } });
  }

  private async endReused(name: string, { org, adminId, sessionId }: Pick<AdminSession, 'org' | 'adminId' | 'sessionId'>, origin: adminAccess.Origin | undefined): Promise<void> {
    const person = await this.administrators.get(org, adminId).catch(() => undefined);
    const login = person?.login ?? '';
    await this.acts.run({ org, adminId, login, origin }, { name, org, target: login }, async (tx) => {
      await tx.adminSession.deleteMany({ where: { org, adminId, sessionId } });
    });
  }

  private async tokens(who: { org: string; adminId: string; epoch: number }, sessionId: string | undefined, refreshToken: string): Promise<adminAccess.AdminTokens> {
    const ttlSeconds = this.config.adminTokenSeconds;
    const accessToken = await this.keys.signer.signAdmin({ org: who.org, adminId: who.adminId, epoch: who.epoch, sessionId, ttlSeconds });
    return { accessToken, expiresInSeconds: ttlSeconds, refreshToken };
  }
}
