import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { Tx } from '../audit/acts.js';
import { PrismaClient } from '../generated/client.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';
import { type AdministratorRow, WITH_APPS } from './administrator.view.js';
import { type Grant, illegal } from './grant.rules.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** People, and keys, of one organisation. */
const MOST = 1_000;

export interface NewAdministrator {
  kind: 'person' | 'key';
  login: string;
  label?: string;
  secretHash: string;
  createdBy: string;
  expiresAt?: Date;
}

/** Administrators of one organisation. Every query begins with it. */
@Injectable()
export class AdministratorStore {
  constructor(private readonly prisma: PrismaClient) {}

  /** @throws DomainError admin_not_found, also for what is no id */
  async get(org: string, adminId: string, kind = '', tx: Tx = this.prisma): Promise<AdministratorRow> {
    const row = UUID.test(adminId) ? await tx.administrator.findUnique({ where: { org_adminId: { org, adminId } }, include: WITH_APPS }) : null;
    if (!row || (kind !== '' && row.kind !== kind)) throw new DomainError('admin_not_found');
    return row;
  }

  /** By name for signing in, or by client id. */
  async byLogin(org: string, login: string): Promise<AdministratorRow | undefined> {
    return (await this.prisma.administrator.findUnique({ where: { org_login: { org, login } }, include: WITH_APPS })) ?? undefined;
  }

  async list(org: string, kind: string, limit: number, cursor: string): Promise<{ page: AdministratorRow[]; nextCursor: string }> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const rows = await this.prisma.administrator.findMany({
      where: { org, kind, ...(after === undefined ? {} : { login: { gt: after } }) },
      include: WITH_APPS,
      orderBy: { login: 'asc' },
      take: size + 1,
    });
    return pageOf(rows, size, (row) => row.login);
  }

  /** @throws DomainError admin_login_taken, admin_scope_illegal, admin_limit */
  async create(tx: Tx, org: string, made: NewAdministrator, { role, allApps, apps }: Grant): Promise<AdministratorRow> {
    if ((await tx.administrator.count({ where: { org, kind: made.kind } })) >= MOST) {
      throw new DomainError('admin_limit', { limit: String(MOST), what: made.kind === 'key' ? 'API keys' : 'administrators' });
    }
    const appIds = await this.appIds(tx, org, apps);
    const [row] = await tx.administrator.createManyAndReturn({ data: [{ ...made, org, role, allApps }], skipDuplicates: true });
    if (!row) throw new DomainError('admin_login_taken', { login: made.login });
    await this.setApps(tx, org, row.adminId, appIds);
    return this.get(org, row.adminId, '', tx);
  }

  /** Ids of the organisation's apps by name. @throws DomainError admin_scope_illegal naming those that it does not have */
  async appIds(tx: Tx, org: string, names: readonly string[]): Promise<number[]> {
    if (names.length === 0) return [];
    const rows = await tx.app.findMany({ where: { org, app: { in: [...names] } }, select: { appId: true, app: true } });
    const missing = names.filter((name) => !rows.some((row) => row.app === name));
    if (missing.length > 0) throw illegal(`apps: there is no ${missing.join(', ')}`);
    return rows.map((row) => row.appId);
  }

  async setApps(tx: Tx, org: string, adminId: string, appIds: readonly number[]): Promise<void> {
    await tx.administratorApp.deleteMany({ where: { org, adminId, appId: { notIn: [...appIds] } } });
    await tx.administratorApp.createMany({ data: appIds.map((appId) => ({ org, adminId, appId })), skipDuplicates: true });
  }

  /**
   * Holds changes of an organisation's administrators back until this transaction ends, and answers how many owners can
   * sign in.
   */
  async lockAndCountOwners(tx: Tx, org: string): Promise<number> {
    await tx.$queryRaw`SELECT 1 FROM organisation WHERE name = ${org} FOR UPDATE`;
    return tx.administrator.count({ where: { org, kind: 'person', role: { in: ['owner', 'operator'] }, disabled: false } });
  }
}
