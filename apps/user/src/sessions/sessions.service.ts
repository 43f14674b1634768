import { Inject, Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { QuotaDirectory } from '../usage/quotas.js';
import { USER_CONFIG } from '../user.tokens.js';
import type { UserConfig } from '../config.js';
import { kicksOf } from './displacement.rules.js';
import { Kicks } from './kicks.js';
import { SessionStore } from './session.store.js';

/** Who may open a session, on which devices, and who gives way. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly store: SessionStore,
    private readonly accounts: AccountStore,
    private readonly kicks: Kicks,
    private readonly revocation: RevocationService,
    private readonly quotas: QuotaDirectory,
    @Inject(USER_CONFIG) private readonly config: UserConfig,
  ) {}

  /** Decides a batch of logins; answers in the order asked. Safe to repeat: the same session again displaces nobody. */
  async open(request: user.OpenSessionsRequest): Promise<user.OpenSessionsResponse> {
    if (request.sessions.length === 0) return { decisions: [] };
    const quotas = await this.quotas.ofAll(request.sessions.map((login) => login.tenant?.appId ?? 0));
    const { verdicts, displacements } = await this.store.open(request.sessions, this.config.devicesPerPlatform, quotas);
    for (const kicked of kicksOf(request.sessions, displacements)) this.kicks.displaced(kicked);
    return { decisions: verdicts.map((verdict) => ({ verdict })) };
  }

  /** Records ended sessions. Safe to repeat. */
  async close(request: user.CloseSessions): Promise<user.CloseSessions> {
    if (request.sessions.length > 0) await this.store.close(request.sessions);
    return { sessions: [] };
  }

  /**
   * Ends the session of one device and the pushes to it; or, when the resource is empty, all sessions and tokens of the user.
   * @throws DomainError user_not_found
   */
  async disconnect(tenant: TenantRef, name: string, resource: string): Promise<user.DisconnectResponse> {
    const row = await this.accounts.find(tenant, name);
    if (!row) throw new DomainError('user_not_found', { username: name });
    if (resource === '') {
      await this.revocation.revoke(tenant, row.userId, 'loggedOut');
    } else {
      await this.store.endPushes(tenant, row.userId, resource);
      this.kicks.byAdministrator(tenant.appId, row.userId, resource);
    }
    return { result: true };
  }
}
