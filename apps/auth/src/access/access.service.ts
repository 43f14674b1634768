import { Injectable } from '@nestjs/common';
import type { adminAccess } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { isPermission, type Permission } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { AdministratorStore } from '../administrators/administrator.store.js';
import type { AdministratorRow } from '../administrators/administrator.view.js';
import { PLATFORM_ORG } from '../administrators/grant.rules.js';
import { Acts } from '../audit/acts.js';
import { type App, PrismaClient } from '../generated/client.js';
import { hasPermission, type Role } from '../permissions/roles.js';

const log = createLogger('auth');
/** When somebody was last there is kept to the minute. */
const NOTED_EVERY_MS = 60_000;

/** Decides, for each call of the admin API, who it is and whether he may. Nothing is remembered: what was taken away is gone at once. */
@Injectable()
export class AccessService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly acts: Acts,
  ) {}

  /** @throws DomainError unauthorized | admin_not_found | admin_forbidden */
  async authorize(request: adminAccess.AuthorizeRequest): Promise<adminAccess.AuthorizeResponse> {
    const { permission, origin } = request;
    const who = await this.identify(request);
    const { org, adminId, kind, login, role } = who;
    const actor = { org, adminId, kind, login, role, sessionId: request.sessionId, origin };
    if (permission === '') return { actor, tenant: undefined, targetOrg: '' };
    if (!isPermission(permission)) throw new Error(`there is no permission ${permission}`);
    const targetOrg = await this.visibleOrganisation(who, request.targetOrg);
    // Permissions about an app are asked of one, and no others.
    if (permission.startsWith('app.') && permission !== 'app.create' && request.targetApp === '') throw new Error(`${permission} without an app`);
    const app = request.targetApp === '' ? undefined : await this.visibleApp(who, targetOrg, request.targetApp);
    if (!hasPermission(role as Role, permission)) await this.refuse(actor, permission, targetOrg, app);
    return { actor, tenant: app && { appId: app.appId, appUuid: app.uuid, org: app.org, app: app.app }, targetOrg };
  }

  /** @throws DomainError unauthorized when the token was good once and is no longer */
  private async identify({ org, adminId, sessionId, epoch }: adminAccess.AuthorizeRequest): Promise<AdministratorRow> {
    const who = await this.administrators.get(org, adminId).catch((error: unknown) => {
      if (error instanceof DomainError) throw new DomainError('unauthorized');
      throw error;
    });
    const expired = who.expiresAt && who.expiresAt.getTime() <= Date.now();
    if (who.disabled || expired || who.epoch !== epoch || (who.kind === 'key') !== (sessionId === '')) throw new DomainError('unauthorized');
    if (who.kind === 'person') await this.checkSession(who, sessionId);
    if (isStale(who.lastUsedAt)) this.note(this.prisma.administrator.updateMany({ where: { org, adminId }, data: { lastUsedAt: new Date() } }));
    return who;
  }

  private async checkSession({ org, adminId }: AdministratorRow, sessionId: string): Promise<void> {
    const key = { org, adminId, sessionId };
    const session = await this.prisma.adminSession.findUnique({ where: { org_adminId_sessionId: key } });
    if (!session || session.expiresAt.getTime() <= Date.now()) throw new DomainError('unauthorized');
    if (isStale(session.lastUsedAt)) this.note(this.prisma.adminSession.updateMany({ where: key, data: { lastUsedAt: new Date() } }));
  }

  /** Its own to everybody, all to an operator; any other might as well not exist. @throws DomainError admin_not_found */
  private async visibleOrganisation(who: AdministratorRow, name: string): Promise<string> {
    const org = name.toLowerCase();
    if (org === who.org) return org;
    const exists = who.org === PLATFORM_ORG && !org.includes('\u0000') && (await this.prisma.organisation.findUnique({ where: { name: org } }));
    if (!exists) throw new DomainError('admin_not_found');
    return org;
  }

  /** @throws DomainError admin_not_found, also for an app that is not among those named for him */
  private async visibleApp(who: AdministratorRow, org: string, name: string): Promise<App> {
    const app = name.includes('\u0000') ? null : await this.prisma.app.findUnique({ where: { org_app: { org, app: name.toLowerCase() } } });
    if (!app || !(who.allApps || who.apps.some(({ appId }) => appId === app.appId))) throw new DomainError('admin_not_found');
    return app;
  }

  private async refuse(actor: adminAccess.Actor, permission: Permission, org: string, app: App | undefined): Promise<never> {
    await this.acts.refused(actor, { name: 'access.refused', org, app: app?.app, detail: { permission } }, 'admin_forbidden');
    throw new DomainError('admin_forbidden', { permission });
  }

  private note(writing: Promise<unknown>): void {
    writing.catch((error: unknown) => log.warn({ err: error }, 'when an administrator was last there was not noted'));
  }
}

function isStale(at: Date | null): boolean {
  return !at || Date.now() - at.getTime() > NOTED_EVERY_MS;
}
