import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { listOf, session } from '../admin.schemas.js';
import { toPage, toSession } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [], admin: 'self' } as const;
const self = z.object({
  org: z.string().describe('"-": an operator of the platform'),
  admin_id: z.uuid(),
  kind: z.enum(['person', 'key']),
  login: z.string(),
  role: z.string(),
  all_apps: z.boolean(),
  apps: z.array(z.string()),
});
const passwords = z.object({ old_password: z.string().max(256), new_password: z.string().max(256).describe('10 to 128 characters') });

/** What an administrator may know and change of himself. */
@Controller()
export class MeController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('GET', '/admin/v1/me', { ...BASE, summary: 'Who the token belongs to', answer: self })
  async get(@TheAdminCall() { actor }: AdminCall) {
    const { adminId, login, role, kind, allApps, apps } = await this.clients.organisations.getAdministrator({ actor, org: actor.org, adminId: actor.adminId, kind: '' });
    return { org: actor.org, admin_id: adminId, kind, login, role, all_apps: allApps, apps };
  }

  @Operation('PUT', '/admin/v1/me/password', {
    ...BASE,
    summary: 'Change the password; all other sessions end',
    body: passwords,
    answer: z.object({}),
    errors: ['sign_in_refused', 'sign_in_throttled', 'admin_password_weak', 'admin_not_a_person'],
  })
  async changePassword(@TheAdminCall() { actor, body }: AdminCall) {
    const { old_password, new_password } = parse(passwords, body);
    await this.clients.organisations.changePassword({ actor, oldPassword: old_password, newPassword: new_password });
    return {};
  }

  @Operation('GET', '/admin/v1/me/sessions', { ...BASE, summary: 'Where the administrator is signed in', answer: listOf(session) })
  async sessions(@TheAdminCall() { actor }: AdminCall) {
    const { sessions } = await this.clients.organisations.listSessions({ actor, org: actor.org, adminId: actor.adminId, kind: '' });
    return toPage(sessions.map((one) => toSession(one, actor.sessionId)), '');
  }

  @Operation('DELETE', '/admin/v1/me/sessions', { ...BASE, summary: 'End all other sessions', answer: z.object({ ended: z.int() }) })
  async endOthers(@TheAdminCall() { actor }: AdminCall) {
    return this.clients.organisations.endSessions({ actor, org: actor.org, adminId: actor.adminId, sessionId: '', keepOwn: true });
  }

  @Operation('DELETE', '/admin/v1/me/sessions/:session', { ...BASE, summary: 'End a session, be it this one', answer: z.object({ ended: z.int() }) })
  async endOne(@TheAdminCall() { actor, params }: AdminCall) {
    return this.clients.organisations.endSessions({ actor, org: actor.org, adminId: actor.adminId, sessionId: params['session']!, keepOwn: false });
  }
}
