import { Inject, Injectable } from '@nestjs/common';
import type { organisations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { networkOf } from '@parley/kernel';
import { SecretHasher } from '@parley/tokens';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { toAdministrator } from '../administrators/administrator.view.js';
import { checkMayGive, type Grant, grantOf, loginOf } from '../administrators/grant.rules.js';
import { Acts, type Tx } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { type Invitation, PrismaClient } from '../generated/client.js';
import { digest, randomSecret } from '../oauth/secrets.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';
import type { Role } from '../permissions/roles.js';
import { checkPassword } from '../sign-in/password.rules.js';
import { ThrottleStore } from '../sign-in/throttle.store.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOST_OPEN = 200;
const HOUR_MS = 3_600_000;

/** How people become administrators: somebody invites them, they choose a password. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly acts: Acts,
    private readonly hasher: SecretHasher,
    private readonly throttle: ThrottleStore,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** @throws DomainError admin_login_illegal | admin_login_taken | admin_role_too_high | admin_role_unknown | admin_scope_illegal */
  async invite(request: organisations.InviteRequest): Promise<organisations.InviteResponse> {
    const { org } = request;
    const actor = request.actor!;
    const login = loginOf(request.login);
    const grant = grantOf(request.grant ?? { role: '', allApps: false, apps: [] }, org);
    const detail = { role: grant.role, allApps: grant.allApps, apps: [...grant.apps] };
    return this.acts.run(actor, { name: 'invitation.created', org, target: login, detail }, async (tx) => {
      checkMayGive(actor.role, grant.role);
      return this.insert(tx, org, login, grant, actor.login);
    });
  }

  /** The row and its token, which is not kept. Part of the caller's transaction. @throws DomainError admin_login_taken | admin_scope_illegal */
  async insert(tx: Tx, org: string, login: string, grant: Grant, createdBy: string): Promise<{ invitation: organisations.Invitation; token: string }> {
    if (await tx.administrator.findUnique({ where: { org_login: { org, login } } })) throw new DomainError('admin_login_taken', { login });
    const open = await tx.invitation.count({ where: { org, acceptedAt: null, expiresAt: { gt: new Date() } } });
    if (open >= MOST_OPEN) throw new DomainError('admin_limit', { limit: String(MOST_OPEN), what: 'open invitations' });
    const token = randomSecret();
    const row = await tx.invitation.create({
      data: {
        org,
        login,
        tokenHash: digest(token),
        role: grant.role,
        allApps: grant.allApps,
        appIds: await this.administrators.appIds(tx, org, grant.apps),
        createdBy,
        expiresAt: new Date(Date.now() + this.config.invitationHours * HOUR_MS),
      },
    });
    return { invitation: toInvitation(row, grant.apps), token };
  }

  /** Those that can still be accepted, oldest first. */
  async list({ org, limit, cursor }: organisations.ListInvitationsRequest): Promise<organisations.ListInvitationsResponse> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const rows = await this.prisma.invitation.findMany({
      where: { org, acceptedAt: null, expiresAt: { gt: new Date() }, ...(after !== undefined && UUID.test(after) ? { invitationId: { gt: after } } : {}) },
      orderBy: { invitationId: 'asc' },
      take: size + 1,
    });
    const { page, nextCursor } = pageOf(rows, size, (row) => row.invitationId);
    const apps = await this.prisma.app.findMany({ where: { org, appId: { in: page.flatMap((row) => row.appIds) } }, select: { appId: true, app: true } });
    const namesOf = (row: Invitation) => apps.filter(({ appId }) => row.appIds.includes(appId)).map(({ app }) => app);
    return { invitations: page.map((row) => toInvitation(row, namesOf(row))), nextCursor };
  }

  /** @throws DomainError admin_not_found, also when it was accepted meanwhile */
  async withdraw({ actor, org, invitationId }: organisations.InvitationRef): Promise<organisations.Invitation> {
    return this.acts.run(actor!, { name: 'invitation.withdrawn', org, target: invitationId }, async (tx, note) => {
      if (!UUID.test(invitationId)) throw new DomainError('admin_not_found');
      const [row] = await tx.$queryRaw<{ login: string; role: string }[]>`DELETE FROM invitation
        WHERE org = ${org} AND invitation_id = ${invitationId}::uuid AND accepted_at IS NULL RETURNING login, role`;
      if (!row) throw new DomainError('admin_not_found');
      note({ target: row.login, detail: { role: row.role } });
      return { invitationId, ...row, allApps: false, apps: [], createdBy: '', createdMs: 0n, expiresMs: 0n };
    });
  }

  /** Once: of two at the same moment one succeeds. @throws DomainError invitation_invalid | admin_password_weak | sign_in_throttled */
  async accept({ token, password, origin }: organisations.AcceptInvitationRequest): Promise<organisations.Administrator> {
    const allowances = [{ key: `invitation from ${networkOf(origin?.address ?? '')}`, most: 30, windowSeconds: 900 }];
    await this.throttle.take(allowances);
    const tokenHash = digest(token);
    const found = await this.prisma.invitation.findUnique({ where: { tokenHash } });
    if (!found || found.acceptedAt || found.expiresAt.getTime() <= Date.now()) throw new DomainError('invitation_invalid');
    await this.throttle.giveBack(allowances);
    checkPassword(password, found.login);
    const secretHash = await this.hasher.hash(password);
    const actor = { org: found.org, adminId: '', login: found.login, origin };
    return this.acts.run(actor, { name: 'invitation.accepted', org: found.org, target: found.login, detail: { role: found.role, createdBy: found.createdBy } }, async (tx) => {
      const [row] = await tx.invitation.updateManyAndReturn({
        where: { tokenHash, acceptedAt: null, expiresAt: { gt: new Date() } },
        data: { acceptedAt: new Date() },
      });
      if (!row) throw new DomainError('invitation_invalid');
      // Apps may have gone since; a role that needs one has then nothing to see, which is right.
      const apps = await tx.app.findMany({ where: { org: row.org, appId: { in: row.appIds } }, select: { app: true } });
      const grant = { role: row.role as Role, allApps: row.allApps, apps: apps.map(({ app }) => app) };
      const made = { kind: 'person', login: row.login, secretHash, createdBy: row.createdBy } as const;
      return toAdministrator(await this.administrators.create(tx, row.org, made, grant));
    });
  }

  /** Deletes what can no longer be accepted. */
  async forgetOld(): Promise<void> {
    await this.prisma.invitation.deleteMany({ where: { OR: [{ expiresAt: { lt: new Date() } }, { acceptedAt: { not: null } }] } });
  }
}

function toInvitation(row: Invitation, apps: readonly string[]): organisations.Invitation {
  return {
    invitationId: row.invitationId,
    login: row.login,
    role: row.role,
    allApps: row.allApps,
    apps: [...apps],
    createdBy: row.createdBy,
    createdMs: BigInt(row.createdAt.getTime()),
    expiresMs: BigInt(row.expiresAt.getTime()),
  };
}
