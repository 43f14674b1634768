import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { listOf, secret } from '../admin.schemas.js';
import { toPage, toSecret } from '../admin.views.js';
import { refOf } from './apps.controller.js';

const BASE = { root: true, bare: true, access: [], admin: 'app.secrets' } as const;
const SECRETS = '/admin/v1/orgs/:org/apps/:app/secrets';
const rotation = z.object({
  expire_old_after_seconds: z.int().min(0).max(31_536_000).optional().describe('When the old secret stops working; absent: when it is revoked'),
});

/** Client secrets of an app. Two are valid while one takes over from the other. */
@Controller()
export class SecretsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('GET', SECRETS, { ...BASE, summary: 'The valid client secrets: when made and last used', answer: listOf(secret) })
  async list(@TheAdminCall() call: AdminCall) {
    return toPage((await this.clients.apps.listSecrets(refOf(call))).secrets.map(toSecret), '');
  }

  @Operation('POST', SECRETS, {
    ...BASE,
    summary: 'Make a second client secret',
    body: rotation,
    answer: z.object({ secret, client_secret: z.string().describe('Shown once') }),
    errors: ['app_secret_limit'],
  })
  async create(@TheAdminCall() call: AdminCall) {
    const seconds = parse(rotation, call.body).expire_old_after_seconds;
    const made = await this.clients.apps.createSecret({ ...refOf(call), expireOldAfterSeconds: seconds === undefined ? undefined : BigInt(seconds) });
    return { secret: toSecret(made.secret!), client_secret: made.clientSecret };
  }

  @Operation('DELETE', `${SECRETS}/:secret`, { ...BASE, summary: 'Revoke a client secret', answer: secret, errors: ['app_secret_last'] })
  async revoke(@TheAdminCall() call: AdminCall) {
    return toSecret(await this.clients.apps.revokeSecret({ ...refOf(call), secretId: call.params['secret']! }));
  }
}
