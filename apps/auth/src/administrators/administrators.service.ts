import { Injectable } from '@nestjs/common';
import type { organisations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { randomBytes } from 'node:crypto';
import { Acts, type Tx } from '../audit/acts.js';
import { digestText, randomSecret } from '../oauth/secrets.js';
import { toAdministrator } from './administrator.view.js';
import { AdministratorStore } from './administrator.store.js';
import { checkMayGive, grantOf } from './grant.rules.js';

/** Changes administrators: people (who come by invitation) and API keys. */
@Injectable()
export class AdministratorsService {
  constructor(
    private readonly store: AdministratorStore,
    private readonly acts: Acts,
  ) {}

  async list({ org, kind, limit, cursor }: organisations.ListAdministratorsRequest): Promise<organisations.ListAdministratorsResponse> {
    const { page, nextCursor } = await this.store.list(org, kind, limit, cursor);
    return { administrators: page.map(toAdministrator), nextCursor };
  }

  /** @throws DomainError admin_not_found */
  async get({ org, adminId, kind }: organisations.AdministratorRef): Promise<organisations.Administrator> {
    return toAdministrator(await this.store.get(org, adminId, kind));
  }

  /** @throws DomainError admin_not_found | admin_role_too_high | admin_last_owner | admin_scope_illegal | admin_role_unknown */
  async update(request: organisations.UpdateAdministratorRequest): Promise<organisations.Administrator> {
    const { org, adminId, disabled } = request;
    const actor = request.actor!;
    const grant = request.grant && grantOf(request.grant, org);
    return this.acts.run(actor, { name: 'administrator.changed', org, target: adminId }, async (tx, note) => {
      const owners = await this.store.lockAndCountOwners(tx, org);
      const before = await this.store.get(org, adminId, '', tx);
      checkMayGive(actor.role, before.role);
      if (grant) checkMayGive(actor.role, grant.role);
      if (grant) await this.store.setApps(tx, org, adminId, await this.store.appIds(tx, org, grant.apps));
      const after = {
        role: grant?.role ?? before.role,
        allApps: grant?.allApps ?? before.allApps,
        disabled: disabled ?? before.disabled,
      };
      checkOwnerRemains(owners, before, after);
      const voided = after.disabled && !before.disabled;
      await tx.administrator.update({
        where: { org_adminId: { org, adminId } },
        data: { ...after, ...(voided ? { epoch: { increment: 1 } } : {}) },
      });
      if (voided) await tx.adminSession.deleteMany({ where: { org, adminId } });
      note({ target: before.login, detail: { ...after, apps: [...(grant?.apps ?? before.apps.map(({ app }) => app.app))] } });
      return toAdministrator(await this.store.get(org, adminId, '', tx));
    });
  }

  /** Sessions and tokens end with him. @throws as `update` */
  async remove({ actor, org, adminId, kind }: organisations.AdministratorRef): Promise<organisations.Administrator> {
    return this.acts.run(actor!, { name: 'administrator.removed', org, target: adminId }, async (tx, note) => {
      const owners = await this.store.lockAndCountOwners(tx, org);
      const row = await this.store.get(org, adminId, kind, tx);
      note({ target: row.login, detail: { kind: row.kind, role: row.role, label: row.label } });
      checkMayGive(actor!.role, row.role);
      checkOwnerRemains(owners, row, undefined);
      await tx.administrator.delete({ where: { org_adminId: { org, adminId } } });
      return toAdministrator(row);
    });
  }

  /** @throws DomainError admin_role_too_high | admin_scope_illegal | admin_role_unknown */
  async createKey(request: organisations.CreateKeyRequest): Promise<organisations.CreateKeyResponse> {
    const { org, label, expiresMs } = request;
    const actor = request.actor!;
    const grant = grantOf(request.grant ?? { role: '', allApps: false, apps: [] }, org);
    const clientSecret = randomSecret();
    // The organisation stands in it, so that a key is looked for among its own alone.
    const login = `${org}.${randomBytes(12).toString('base64url')}`;
    const key = await this.acts.run(actor, { name: 'key.created', org, target: login, detail: { label, role: grant.role, apps: [...grant.apps] } }, (tx) => {
      checkMayGive(actor.role, grant.role);
      return this.insertKey(tx, org, { login, label, clientSecret, createdBy: actor.login, expiresAt: expiresMs > 0n ? new Date(Number(expiresMs)) : undefined }, grant);
    });
    return { key: toAdministrator(key), clientSecret };
  }

  private insertKey(
    tx: Tx,
    org: string,
    { clientSecret, ...key }: { login: string; label: string; clientSecret: string; createdBy: string; expiresAt: Date | undefined },
    grant: ReturnType<typeof grantOf>,
  ) {
    return this.store.create(tx, org, { kind: 'key', ...key, secretHash: digestText(clientSecret) }, grant);
  }
}

type Standing = { kind?: string; role: string; disabled: boolean };

/** @throws DomainError admin_last_owner when nobody would be left who answers for the organisation */
function checkOwnerRemains(owners: number, before: Standing, after: Standing | undefined): void {
  const isOwner = (one: Standing) => (one.role === 'owner' || one.role === 'operator') && !one.disabled;
  const counts = before.kind === 'person' && isOwner(before);
  if (counts && !(after && isOwner(after)) && owners <= 1) throw new DomainError('admin_last_owner');
}
