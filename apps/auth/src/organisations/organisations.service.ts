import { Injectable } from '@nestjs/common';
import type { organisations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { loginOf, PLATFORM_ORG } from '../administrators/grant.rules.js';
import { Acts, type Tx } from '../audit/acts.js';
import { type Organisation, PrismaClient } from '../generated/client.js';
import { InvitationsService } from '../invitations/invitations.service.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';
import { organisationName } from './organisation.rules.js';

/** Organisations: who owns apps. */
@Injectable()
export class OrganisationsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly invitations: InvitationsService,
    private readonly acts: Acts,
  ) {}

  /**
   * With an invitation for its first owner.
   * @throws DomainError org_name_illegal | org_name_reserved | org_name_taken | admin_login_illegal
   */
  async create(request: organisations.CreateOrganisationRequest): Promise<organisations.CreateOrganisationResponse> {
    const name = organisationName(request.name);
    const login = loginOf(request.ownerLogin);
    const actor = request.actor!;
    return this.acts.run(actor, { name: 'organisation.created', org: name, target: name, detail: { owner: login } }, async (tx) => {
      const organisation = await this.insert(tx, name, request.displayName);
      const { invitation, token } = await this.invitations.insert(tx, name, login, { role: 'owner', allApps: true, apps: [] }, actor.login);
      return { organisation, invitation, invitationToken: token };
    });
  }

  /** Part of the caller's transaction. @throws DomainError org_name_taken */
  async insert(tx: Tx, name: string, displayName: string): Promise<organisations.Organisation> {
    const data = [{ name, displayName: displayName === '' ? name : displayName }];
    const [row] = await tx.organisation.createManyAndReturn({ data, skipDuplicates: true });
    if (!row) throw new DomainError('org_name_taken', { name });
    return toOrganisation(row);
  }

  /** All of them, by name. */
  async list({ limit, cursor }: organisations.ListOrganisationsRequest): Promise<organisations.ListOrganisationsResponse> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const rows = await this.prisma.organisation.findMany({
      where: { name: { not: PLATFORM_ORG, ...(after === undefined ? {} : { gt: after }) } },
      orderBy: { name: 'asc' },
      take: size + 1,
    });
    const { page, nextCursor } = pageOf(rows, size, (row) => row.name);
    return { organisations: page.map(toOrganisation), nextCursor };
  }

  /** @throws DomainError admin_not_found */
  async get({ org }: organisations.GetOrganisationRequest): Promise<organisations.Organisation> {
    const row = await this.prisma.organisation.findUnique({ where: { name: org } });
    if (!row) throw new DomainError('admin_not_found');
    return toOrganisation(row);
  }

  async update({ actor, org, displayName }: organisations.UpdateOrganisationRequest): Promise<organisations.Organisation> {
    return this.acts.run(actor!, { name: 'organisation.changed', org, target: org, detail: { displayName } }, async (tx) =>
      toOrganisation(await tx.organisation.update({ where: { name: org }, data: { displayName } })),
    );
  }
}

function toOrganisation(row: Organisation): organisations.Organisation {
  return { name: row.name, displayName: row.displayName, createdMs: BigInt(row.createdAt.getTime()) };
}
