import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { SecretHasher } from '@parley/tokens';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { loginOf, PLATFORM_ORG } from '../administrators/grant.rules.js';
import { Acts, PLATFORM } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { PrismaClient } from '../generated/client.js';
import { checkPassword } from '../sign-in/password.rules.js';

const log = createLogger('auth');

/** The first operator: the one administrator who is not invited by another. */
@Injectable()
export class OperatorService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly hasher: SecretHasher,
    private readonly acts: Acts,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /**
   * Makes the operator that the settings name, unless the platform has one who can sign in. Replicas that start together
   * make one.
   * @throws DomainError admin_login_illegal | admin_password_weak, from settings that cannot be used
   */
  async ensureFirst(): Promise<void> {
    if (await this.exists()) return;
    const { operatorPassword } = this.config;
    if (operatorPassword === undefined) {
      log.warn('the platform has no operator: set PARLEY_OPERATOR_PASSWORD and start again');
      return;
    }
    const login = loginOf(this.config.operatorLogin);
    checkPassword(operatorPassword, login);
    const secretHash = await this.hasher.hash(operatorPassword);
    const made = { kind: 'person', login, secretHash, createdBy: PLATFORM.login } as const;
    await this.acts
      .run(PLATFORM, { name: 'operator.created', org: PLATFORM_ORG, target: login }, async (tx) => {
        // Another replica was quicker.
        if ((await this.administrators.lockAndCountOwners(tx, PLATFORM_ORG)) > 0) throw new DomainError('admin_login_taken', { login });
        // One that is there cannot sign in: whoever sets the password in the settings may let him.
        await tx.administrator.deleteMany({ where: { org: PLATFORM_ORG, login } });
        await this.administrators.create(tx, PLATFORM_ORG, made, { role: 'operator', allApps: true, apps: [] });
      })
      .catch((error: unknown) => {
        if (!(error instanceof DomainError && error.code === 'admin_login_taken')) throw error;
      });
  }

  private async exists(): Promise<boolean> {
    return (await this.prisma.administrator.count({ where: { org: PLATFORM_ORG, kind: 'person', disabled: false } })) > 0;
  }
}
