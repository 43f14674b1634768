import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { certificate, listOf } from '../admin.schemas.js';
import { toCertificate, toPage } from '../admin.views.js';
import { refOf } from './apps.controller.js';

const BASE = { root: true, bare: true, access: [], admin: 'app.secrets' } as const;
const CERTIFICATES = '/admin/v1/orgs/:org/apps/:app/certificates';
const tokenAppId = z.string().describe('What token builders call the app id: 32 hex digits, for life');
const rotation = z.object({
  expire_old_after_seconds: z.int().min(0).max(31_536_000).optional().describe('When the old certificate stops working; absent: when it is revoked'),
});

/** What an app makes AccessToken2 tokens with. Two are valid while one takes over from the other. */
@Controller()
export class CertificatesController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('GET', CERTIFICATES, {
    ...BASE,
    summary: 'The valid certificates for AccessToken2, and the app id that goes with them',
    answer: listOf(certificate).extend({ token_app_id: tokenAppId.nullable().describe('null: the app has had no certificate yet') }),
  })
  async list(@TheAdminCall() call: AdminCall) {
    const known = await this.clients.certificates.listCertificates({ tenant: refOf(call).tenant });
    return { ...toPage(known.certificates.map(toCertificate), ''), token_app_id: known.tokenAppId === '' ? null : known.tokenAppId };
  }

  @Operation('POST', CERTIFICATES, {
    ...BASE,
    summary: 'Make a certificate for AccessToken2; the first one also gives the app its token app id',
    body: rotation,
    answer: z.object({ certificate, token_app_id: tokenAppId, app_certificate: z.string().describe('Shown once') }),
    errors: ['certificate_limit', 'secrets_not_sealed'],
  })
  async create(@TheAdminCall() call: AdminCall) {
    const seconds = parse(rotation, call.body).expire_old_after_seconds;
    const made = await this.clients.certificates.createCertificate({ ...refOf(call), expireOldAfterSeconds: seconds === undefined ? undefined : BigInt(seconds) });
    return { certificate: toCertificate(made.certificate!), token_app_id: made.tokenAppId, app_certificate: made.appCertificate };
  }

  @Operation('DELETE', `${CERTIFICATES}/:certificate`, { ...BASE, summary: 'Revoke a certificate', answer: certificate, errors: ['certificate_not_found'] })
  async revoke(@TheAdminCall() call: AdminCall) {
    return toCertificate(await this.clients.certificates.revokeCertificate({ ...refOf(call), certificateId: call.params['certificate']! }));
  }
}
