import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { auditEntry, displayName, enterpriseId, invitation, line, listOf, organisation, page } from '../admin.schemas.js';
import { toAuditEntry, toInvitation, toOrganisation, toPage } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [] } as const;
const newOrganisation = z.object({
  name: enterpriseId,
  display_name: displayName.optional(),
  owner_login: z.string().max(100).describe('Of the first owner, who is invited'),
});
const changedOrganisation = z.object({ display_name: displayName });
const newOrganisationAnswer = z.object({
  organisation,
  invitation,
  invitation_token: z.string().describe("Shown once: hand it to the owner, who accepts with it"),
});
const auditQuery = page.extend({
  act: line.max(64).default('').describe('Only this act, as invitation.created'),
  actor: line.max(100).default('').describe('Only by this login'),
});

/** Organisations and their audit logs. */
@Controller()
export class OrganisationsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('POST', '/admin/v1/orgs', {
    ...BASE,
    admin: 'org.create',
    summary: 'Register an organisation, with an invitation for its first owner',
    body: newOrganisation,
    answer: newOrganisationAnswer,
    errors: ['org_name_illegal', 'org_name_reserved', 'org_name_taken', 'admin_login_illegal'],
  })
  async create(@TheAdminCall() { actor, body }: AdminCall) {
    const asked = parse(newOrganisation, body);
    const made = await this.clients.organisations.createOrganisation({
      actor,
      name: asked.name,
      displayName: asked.display_name ?? '',
      ownerLogin: asked.owner_login,
    });
    return { organisation: toOrganisation(made.organisation!), invitation: toInvitation(made.invitation!), invitation_token: made.invitationToken };
  }

  @Operation('GET', '/admin/v1/orgs', {
    ...BASE,
    admin: 'self',
    summary: 'Organisations that the administrator sees: his own; to an operator all of them',
    query: page,
    answer: listOf(organisation),
  })
  async list(@TheAdminCall() { actor, query }: AdminCall) {
    const { limit, cursor } = parse(page, query);
    if (actor.role !== 'operator') return toPage([toOrganisation(await this.clients.organisations.getOrganisation({ actor, org: actor.org }))], '');
    const { organisations, nextCursor } = await this.clients.organisations.listOrganisations({ actor, limit, cursor });
    return toPage(organisations.map(toOrganisation), nextCursor);
  }

  @Operation('GET', '/admin/v1/orgs/:org', { ...BASE, admin: 'org.read', summary: 'An organisation', answer: organisation })
  async get(@TheAdminCall() { actor, org }: AdminCall) {
    return toOrganisation(await this.clients.organisations.getOrganisation({ actor, org }));
  }

  @Operation('PUT', '/admin/v1/orgs/:org', {
    ...BASE,
    admin: 'org.update',
    summary: 'Change what an organisation is called',
    body: changedOrganisation,
    answer: organisation,
  })
  async update(@TheAdminCall() { actor, org, body }: AdminCall) {
    const { display_name } = parse(changedOrganisation, body);
    return toOrganisation(await this.clients.organisations.updateOrganisation({ actor, org, displayName: display_name }));
  }

  @Operation('GET', '/admin/v1/orgs/:org/audit', {
    ...BASE,
    admin: 'audit.read',
    summary: 'The audit log of an organisation, newest first; of the platform for the organisation "-"',
    query: auditQuery,
    answer: listOf(auditEntry),
  })
  async audit(@TheAdminCall() { org, query }: AdminCall) {
    const { entries, nextCursor } = await this.clients.organisations.readAudit({ org, app: '', ...parse(auditQuery, query) });
    return toPage(entries.map(toAuditEntry), nextCursor);
  }

  @Operation('GET', '/admin/v1/orgs/:org/apps/:app/audit', {
    ...BASE,
    admin: 'app.audit',
    summary: 'The audit log of an app, newest first',
    query: auditQuery,
    answer: listOf(auditEntry),
  })
  async appAudit(@TheAdminCall() { org, app, query }: AdminCall) {
    const { entries, nextCursor } = await this.clients.organisations.readAudit({ org, app: app!.app, ...parse(auditQuery, query) });
    return toPage(entries.map(toAuditEntry), nextCursor);
  }
}
