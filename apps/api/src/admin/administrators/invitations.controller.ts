import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, originOf, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { administrator, grant, invitation, listOf, page } from '../admin.schemas.js';
import { toAdministrator, toGrant, toInvitation, toPage } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [] } as const;
const invite = grant.extend({ login: z.string().max(100).describe('The name with which he will sign in, as an e-mail address') });
const inviteAnswer = z.object({ invitation, invitation_token: z.string().describe('Shown once: hand it to him') });
const acceptance = z.object({
  invitation_token: z.string().min(1).max(128),
  password: z.string().max(256).describe('10 to 128 characters'),
});

/** How administrators come. */
@Controller()
export class InvitationsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('POST', '/admin/v1/orgs/:org/invitations', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Invite an administrator',
    body: invite,
    answer: inviteAnswer,
    errors: ['admin_login_illegal', 'admin_login_taken', 'admin_role_unknown', 'admin_role_too_high', 'admin_scope_illegal', 'admin_limit'],
  })
  async invite(@TheAdminCall() { actor, org, body }: AdminCall) {
    const asked = parse(invite, body);
    const made = await this.clients.organisations.invite({ actor, org, login: asked.login, grant: toGrant(asked) });
    return { invitation: toInvitation(made.invitation!), invitation_token: made.token };
  }

  @Operation('GET', '/admin/v1/orgs/:org/invitations', {
    ...BASE,
    admin: 'admin.read',
    summary: 'Invitations that can still be accepted',
    query: page,
    answer: listOf(invitation),
  })
  async list(@TheAdminCall() { actor, org, query }: AdminCall) {
    const { invitations, nextCursor } = await this.clients.organisations.listInvitations({ actor, org, ...parse(page, query) });
    return toPage(invitations.map(toInvitation), nextCursor);
  }

  @Operation('DELETE', '/admin/v1/orgs/:org/invitations/:invitation', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Withdraw an invitation',
    answer: z.object({ invitation_id: z.uuid(), login: z.string() }),
  })
  async withdraw(@TheAdminCall() { actor, org, params }: AdminCall) {
    const { invitationId, login } = await this.clients.organisations.withdrawInvitation({ actor, org, invitationId: params['invitation']! });
    return { invitation_id: invitationId, login };
  }

  @Operation('POST', '/admin/v1/invitations/accept', {
    root: true,
    bare: true,
    access: ['public'],
    summary: 'Accept an invitation by choosing a password; works once',
    body: acceptance,
    answer: administrator.extend({ org: z.string() }),
    errors: ['invitation_invalid', 'admin_password_weak', 'sign_in_throttled'],
  })
  async accept(@Req() request: FastifyRequest) {
    const asked = parse(acceptance, request.body);
    const accepted = await this.clients.organisations.acceptInvitation({
      token: asked.invitation_token,
      password: asked.password,
      origin: originOf(request),
    });
    return { org: accepted.org, ...toAdministrator(accepted) };
  }
}
