import { Inject, Injectable } from '@nestjs/common';
import type { auth, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { KnownApp } from '../apps/app.store.js';
import { AppsService, settingsOf } from '../apps/apps.service.js';
import { USERS, type Users } from '../auth.tokens.js';
import { KeysService } from '../keys/keys.service.js';
import { Attempts } from './attempts.js';
import { ClientSecretChecker } from './client-secret.checker.js';
import { tokenLifetime } from './ttl.rules.js';

/** Issues tokens: for a tenant's server, and for its users. */
@Injectable()
export class TokensService {
  constructor(
    private readonly apps: AppsService,
    private readonly keys: KeysService,
    private readonly secrets: ClientSecretChecker,
    private readonly attempts: Attempts,
    @Inject(USERS) private readonly users: Users,
  ) {}

  /** Grant client_credentials. @throws DomainError client_id_mismatch | client_secret_mismatch | rate_limited */
  async forApp({ tenant, clientId, clientSecret, ttlSeconds, address }: auth.IssueAppTokenRequest): Promise<auth.TokenResponse> {
    const app = await this.apps.get(tenant);
    await this.attempts.make({ appId: app.appId, address }, async () => {
      if (clientId !== app.clientId) throw new DomainError('client_id_mismatch');
      if (!(await this.hasSecret(app, clientSecret))) throw new DomainError('client_secret_mismatch');
    });
    return this.issue(app, ttlSeconds, undefined);
  }

  /** Grant password. @throws DomainError token_user_not_found | invalid_password | user_not_activated | rate_limited */
  async byPassword({ tenant, username, password, ttlSeconds, address }: auth.IssueUserTokenByPasswordRequest): Promise<auth.TokenResponse> {
    const app = await this.apps.get(tenant);
    const attempt = { appId: app.appId, username, address };
    const owner = await this.attempts.make(attempt, () => this.users.verifyPassword({ tenant, username, password }));
    return this.issue(app, ttlSeconds, owner);
  }

  /**
   * Grant inherit: the caller has proved to be the tenant's server.
   * @throws DomainError entity_user_not_found | username_illegal | username_too_long | user_not_activated
   */
  async byName(request: auth.IssueUserTokenByNameRequest): Promise<auth.TokenResponse> {
    const { tenant, username, autoCreateUser, ttlSeconds } = request;
    const app = await this.apps.get(tenant);
    const owner = await this.users.ensureUser({ tenant, username, autoCreate: autoCreateUser });
    if (!owner.activated) throw new DomainError('user_not_activated');
    return this.issue(app, ttlSeconds, owner);
  }

  /** Two secrets are valid while one follows the other. */
  private async hasSecret(app: KnownApp, given: string): Promise<boolean> {
    for (const secret of app.secrets) {
      if (secret.expiresAt && secret.expiresAt.getTime() <= Date.now()) continue;
      if (!(await this.secrets.isRight(given, secret.secretHash))) continue;
      this.apps.secretUsed(secret);
      return true;
    }
    return false;
  }

  /** A token of ours. @param asked seconds; 0 = for ever; undefined = as the app is set */
  async issue(app: KnownApp, asked: bigint | undefined, owner: user.User | undefined): Promise<auth.TokenResponse> {
    const { ttlSeconds, toldSeconds } = tokenLifetime(asked, settingsOf(app).tokenTtlSeconds);
    const tenant = { appId: app.appId, appUuid: app.uuid, org: app.org, app: app.app };
    const accessToken = await this.keys.sign(
      owner
        ? { kind: 'user', tenant, ttlSeconds, userId: owner.userId, username: owner.username, tokenEpoch: owner.tokenEpoch }
        : { kind: 'app', tenant, ttlSeconds, tokenEpoch: app.tokenEpoch },
    );
    return { accessToken, expiresInSeconds: toldSeconds, user: owner };
  }
}
