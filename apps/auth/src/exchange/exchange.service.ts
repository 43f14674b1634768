import { Inject, Injectable } from '@nestjs/common';
import type { exchange, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { TOKEN_MAX_LENGTH } from '@parley/tokens';
import type { KnownApp } from '../apps/app.store.js';
import { AppsService, settingsOf, toTenant } from '../apps/apps.service.js';
import { TOKEN_OWNERS, type TokenOwners } from '../auth.tokens.js';
import { TenantTokens } from '../issuers/tenant.tokens.js';
import { ACCESS_TOKEN2_PREFIX, isSignedWith, readAccessToken2 } from './access-token2.js';
import { DYNAMIC_TOKEN_PREFIX, isSignedBy, readDynamicToken } from './dynamic-token.js';
import { issuedInTime } from './exchange.rules.js';
import { ForeignCredentials } from './foreign-credentials.js';

const log = createLogger('auth');

/** Whom a token that somebody else made lets in. */
export interface Foreigner {
  app: KnownApp;
  /** Undefined = the app itself. */
  owner: user.User | undefined;
  expiresAtMs: number;
  /** Of the tenant, that made it; empty = made with a secret of the app. */
  issuer: string;
}

/** What a good signature says, before the user is looked up. */
interface Claim {
  name: string;
  mayBeUuid: boolean;
  autoCreate: boolean;
  issuedAtMs: number;
  expiresAtMs: number;
  issuer: string;
}

/** Verifies tokens that others made for an app of this installation, and says who it is here. */
@Injectable()
export class ExchangeService {
  constructor(
    private readonly apps: AppsService,
    private readonly credentials: ForeignCredentials,
    private readonly tenantTokens: TenantTokens,
    @Inject(TOKEN_OWNERS) private readonly owners: TokenOwners,
  ) {}

  /** For the edges: each succeeds or fails alone. */
  async exchange({ tokens }: exchange.ExchangeRequest): Promise<exchange.ExchangeResponse> {
    return { identities: await Promise.all(tokens.map((one) => this.identity(one))) };
  }

  /**
   * @throws DomainError organization_application_not_found, app_suspended, token_corrupt, token_expired, token_not_issued_here,
   *   unauthorized, entity_user_not_found, username_illegal, username_too_long, user_not_activated, unavailable
   */
  async verify({ org, app: name, token }: exchange.ForeignToken): Promise<Foreigner> {
    if (token.length > TOKEN_MAX_LENGTH) throw new DomainError('token_corrupt');
    const app = await this.apps.find(org, name);
    if (token.startsWith(ACCESS_TOKEN2_PREFIX)) return this.byAccessToken2(app, token);
    const claim = token.startsWith(DYNAMIC_TOKEN_PREFIX) ? await this.byDynamicToken(app, token) : await this.tenantTokens.verify(app, token);
    return this.asUser(app, claim);
  }

  private async byAccessToken2(app: KnownApp, text: string): Promise<Foreigner> {
    const token = readAccessToken2(text);
    if (token.appId !== app.tokenAppId) throw new DomainError('token_not_issued_here');
    const certificates = await this.credentials.certificates(app);
    if (!certificates.some((one) => isSignedWith(token, one))) throw new DomainError('token_not_issued_here');
    const expiresAtMs = token.expiresAtSeconds * 1_000;
    const issuedAtMs = issuedInTime(token.issuedAtSeconds * 1_000, expiresAtMs, Date.now());
    if (token.userId !== undefined) return this.asUser(app, { name: token.userId, mayBeUuid: true, autoCreate: false, issuedAtMs, expiresAtMs, issuer: '' });
    if (app.tokensValidFrom && issuedAtMs < app.tokensValidFrom.getTime()) throw new DomainError('unauthorized');
    return { app, owner: undefined, expiresAtMs, issuer: '' };
  }

  private async byDynamicToken(app: KnownApp, text: string): Promise<Claim> {
    const token = readDynamicToken(text);
    if (token.appkey.toLowerCase() !== `${app.org}#${app.app}`) throw new DomainError('token_not_issued_here');
    const secrets = await this.credentials.secrets(app);
    if (!secrets.some((one) => isSignedBy(token, app.clientId, one))) throw new DomainError('token_not_issued_here');
    const expiresAtMs = (Number(token.curTime) + Number(token.ttl)) * 1_000;
    const issuedAtMs = issuedInTime(Number(token.curTime) * 1_000, expiresAtMs, Date.now());
    return { name: token.userId, mayBeUuid: false, autoCreate: settingsOf(app).dynamicTokenAutoCreate, issuedAtMs, expiresAtMs, issuer: '' };
  }

  private async asUser(app: KnownApp, { expiresAtMs, issuedAtMs, issuer, ...claim }: Claim): Promise<Foreigner> {
    const owner = await this.owners.findTokenOwner({ tenant: toTenant(app), ...claim, issuedAtMs: BigInt(Math.floor(issuedAtMs)) });
    return { app, owner, expiresAtMs, issuer };
  }

  private async identity(asked: exchange.ForeignToken): Promise<exchange.ForeignIdentity> {
    try {
      const { app, owner, expiresAtMs, issuer } = await this.verify(asked);
      return {
        error: '',
        tenant: toTenant(app),
        userId: owner?.userId ?? 0n,
        username: owner?.username ?? '',
        tokenEpoch: owner?.tokenEpoch ?? app.tokenEpoch,
        expiresMs: BigInt(Math.floor(expiresAtMs)),
        issuer,
      };
    } catch (error) {
      if (!(error instanceof DomainError)) log.error({ err: error }, 'a token could not be exchanged');
      const code = error instanceof DomainError ? error.code : 'unavailable';
      return { error: code, tenant: undefined, userId: 0n, username: '', tokenEpoch: 0, expiresMs: 0n, issuer: '' };
    }
  }
}
