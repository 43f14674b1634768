import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { grant, key, line, listOf, page } from '../admin.schemas.js';
import { toGrant, toKey, toPage } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [] } as const;
const newKey = grant.extend({
  label: line.min(1).max(100).describe('What it is for'),
  expires_ms: z.int().positive().optional().describe('Milliseconds since 1970; absent: until it is removed'),
});
const newKeyAnswer = z.object({ key, client_secret: z.string().describe('Shown once') });

/** API keys: administrators that are programs. They get tokens by client_credentials at /oauth/token. */
@Controller()
export class KeysController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('POST', '/admin/v1/orgs/:org/keys', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Make an API key',
    body: newKey,
    answer: newKeyAnswer,
    errors: ['admin_role_unknown', 'admin_role_too_high', 'admin_scope_illegal', 'admin_limit'],
  })
  async create(@TheAdminCall() { actor, org, body }: AdminCall) {
    const asked = parse(newKey, body);
    const expiresMs = BigInt(asked.expires_ms ?? 0);
    const made = await this.clients.organisations.createKey({ actor, org, label: asked.label, grant: toGrant(asked), expiresMs });
    return { key: toKey(made.key!), client_secret: made.clientSecret };
  }

  @Operation('GET', '/admin/v1/orgs/:org/keys', { ...BASE, admin: 'admin.read', summary: 'API keys, without their secrets', query: page, answer: listOf(key) })
  async list(@TheAdminCall() { actor, org, query }: AdminCall) {
    const { administrators, nextCursor } = await this.clients.organisations.listAdministrators({ actor, org, kind: 'key', ...parse(page, query) });
    return toPage(administrators.map(toKey), nextCursor);
  }

  @Operation('DELETE', '/admin/v1/orgs/:org/keys/:key', {
    ...BASE,
    admin: 'admin.manage',
    summary: 'Revoke an API key; its tokens end at once',
    answer: key,
    errors: ['admin_role_too_high'],
  })
  async remove(@TheAdminCall() { actor, org, params }: AdminCall) {
    return toKey(await this.clients.organisations.removeAdministrator({ actor, org, adminId: params['key']!, kind: 'key' }));
  }
}
