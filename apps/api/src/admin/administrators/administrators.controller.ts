import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { administrator, grant, listOf, page, session } from '../admin.schemas.js';
import { toAdministrator, toGrant, toPage, toSession } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [] } as const;
const CHANGES = ['admin_role_unknown', 'admin_role_too_high', 'admin_scope_illegal', 'admin_last_owner'] as const;
const change = z.object({
  grant: grant.optional().describe('Absent: stays'),
  disabled: z.boolean().optional().describe('true: his sessions end, he cannot sign in'),
});

/** The people who administer an organisation, or ("-") the platform. */
@Controller()
export class AdministratorsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('GET', '/admin/v1/orgs/:org/admins', { ...BASE, admin: 'admin.read', summary: 'Administrators by login', query: page, answer: listOf(administrator) })
  async list(@TheAdminCall() { actor, org, query }: AdminCall) {
    const { administrators, nextCursor } = await this.clients.organisations.listAdministrators({ actor, org, kind: 'person', ...parse(page, query) });
    return toPage(administrators.map(toAdministrator), nextCursor);
  }

  @Operation('GET', '/admin/v1/orgs/:org/admins/:admin', { ...BASE, admin: 'admin.read', summary: 'An administrator', answer: administrator })
  async get(@TheAdminCall() call: AdminCall) {
    return toAdministrator(await this.clients.organisations.getAdministrator(refOf(call)));
  }

  @Operation('PUT', '/admin/v1/orgs/:org/admins/:admin', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Change what an administrator may do, disable or enable him; holds for his next call',
    body: change,
    answer: administrator,
    errors: CHANGES,
  })
  async update(@TheAdminCall() { actor, org, params, body }: AdminCall) {
    const asked = parse(change, body);
    const grantAsked = asked.grant && toGrant(asked.grant);
    return toAdministrator(
      await this.clients.organisations.updateAdministrator({ actor, org, adminId: params['admin']!, grant: grantAsked, disabled: asked.disabled }),
    );
  }

  @Operation('DELETE', '/admin/v1/orgs/:org/admins/:admin', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Remove an administrator; what he has open ends at once',
    answer: administrator,
    errors: ['admin_role_too_high', 'admin_last_owner'],
  })
  async remove(@TheAdminCall() call: AdminCall) {
    return toAdministrator(await this.clients.organisations.removeAdministrator(refOf(call)));
  }

  @Operation('GET', '/admin/v1/orgs/:org/admins/:admin/sessions', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Where an administrator is signed in',
    answer: listOf(session),
  })
  async sessions(@TheAdminCall() call: AdminCall) {
    const { sessions } = await this.clients.organisations.listSessions(refOf(call));
    return toPage(sessions.map((one) => toSession(one, call.actor.sessionId)), '');
  }

  @Operation('DELETE', '/admin/v1/orgs/:org/admins/:admin/sessions', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'End all sessions of an administrator',
    answer: z.object({ ended: z.int() }),
    errors: ['admin_role_too_high'],
  })
  async endSessions(@TheAdminCall() { actor, org, params }: AdminCall) {
    return this.clients.organisations.endSessions({ actor, org, adminId: params['admin']!, sessionId: '', keepOwn: false });
  }
}

function refOf({ actor, org, params }: AdminCall) {
  return { actor, org, adminId: params['admin']!, kind: 'person' };
}
