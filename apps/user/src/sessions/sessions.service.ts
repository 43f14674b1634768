import { Injectable } from '@nestjs/common';
import { defaultAppSettings } from '@parley/app-settings';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { QuotaDirectory, type Quotas } from '../usage/quotas.js';
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
  ) {}

  /** Decides a batch of logins; answers in the order asked. Safe to repeat: the same session again displaces nobody. */
  async open({ sessions }: user.OpenSessionsRequest): Promise<user.OpenSessionsResponse> {
    if (sessions.length === 0) return { decisions: [] };
    const quotas = await this.quotas.ofAll(sessions.map((login) => login.tenant?.appId ?? 0));
    const decisions = sessions.map(() => ({ verdict: 0 }));
    // One statement for all apps that let a user have as many devices, which is nearly always one statement in all.
    const opening = [...placesByDevices(sessions, quotas)].map(async ([devicesPerPlatform, places]) => {
      const logins = places.map((place) => sessions[place]!);
      const { verdicts, displacements } = await this.store.open(logins, devicesPerPlatform, quotas);
      for (const [i, verdict] of verdicts.entries()) decisions[places[i]!] = { verdict };
      for (const kicked of kicksOf(logins, displacements)) this.kicks.displaced(kicked);
    });
    await Promise.all(opening);
    return { decisions };
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

/** Where in the batch the logins stand, by how many devices of a platform their apps allow. Those of one app stay together. */
function placesByDevices(logins: readonly user.OpenSession[], quotas: ReadonlyMap<number, Quotas>): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [place, { tenant }] of logins.entries()) {
    const devices = quotas.get(tenant?.appId ?? 0)?.devicesPerPlatform ?? defaultAppSettings.devicesPerPlatform;
    groups.set(devices, [...(groups.get(devices) ?? []), place]);
  }
  return groups;
}
