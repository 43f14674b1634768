import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { certificates } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { AppAdministrationService, found } from '../apps/app-administration.service.js';
import type { Tx } from '../audit/acts.js';
import { type AppCertificate, PrismaClient } from '../generated/client.js';
import { AppRevocationService } from '../revocation/app-revocation.service.js';
import { certificatePurpose } from '../sealing/purposes.js';
import { SecretBox } from '../sealing/secret.box.js';

/** One in use, and the one that follows it. */
const MOST = 2;
const HALF_BYTES = 16;

/** What apps sign AccessToken2 tokens with. It must be readable here, so it is only ever stored encrypted. */
@Injectable()
export class CertificatesService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly apps: AppAdministrationService,
    private readonly box: SecretBox,
    private readonly revocation: AppRevocationService,
  ) {}

  /** The valid ones, newest first. @throws DomainError admin_not_found */
  async list({ tenant }: certificates.ListCertificatesRequest): Promise<certificates.ListCertificatesResponse> {
    const { appId, tokenAppId } = await found(this.prisma, tenant);
    return { tokenAppId: tokenAppId ?? '', certificates: (await valid(this.prisma, appId)).map(toCertificate) };
  }

  /** @throws DomainError certificate_limit | secrets_not_sealed | admin_not_found */
  async create({ expireOldAfterSeconds, ...of }: certificates.CreateCertificateRequest): Promise<certificates.CreateCertificateResponse> {
    const appCertificate = randomBytes(HALF_BYTES).toString('hex');
    const expiry = expireOldAfterSeconds === undefined ? undefined : new Date(Date.now() + Number(expireOldAfterSeconds) * 1_000);
    let made: { row: AppCertificate; tokenAppId: string } | undefined;
    await this.apps.change(of, 'certificate.created', expiry ? { oldExpires: expiry.toISOString() } : {}, async ({ appId, tokenAppId }, tx, note) => {
      if (!this.box.canSeal) throw new DomainError('secrets_not_sealed');
      const old = await valid(tx, appId);
      if (old.length >= MOST) throw new DomainError('certificate_limit', { most: String(MOST) });
      // What has expired is of no use to anybody.
      await tx.appCertificate.deleteMany({ where: { appId, certificateId: { notIn: old.map((one) => one.certificateId) } } });
      if (expiry) await tx.appCertificate.updateMany({ where: { appId, OR: [{ expiresAt: null }, { expiresAt: { gt: expiry } }] }, data: { expiresAt: expiry } });
      const row = await tx.appCertificate.create({ data: { appId, sealed: await this.box.seal(appCertificate, certificatePurpose(appId)) } });
      note({ certificateId: row.certificateId });
      made = { row, tokenAppId: tokenAppId ?? randomBytes(HALF_BYTES).toString('hex') };
      return { tokenAppId: made.tokenAppId };
    });
    // Edges that were refused a token remember it; one of the old certificate may end now.
    await this.revocation.announce(made!.row.appId);
    return { tokenAppId: made!.tokenAppId, appCertificate, certificate: toCertificate(made!.row) };
  }

  /** Ends every app token of the app too: those that were given for its tokens are among them. @throws DomainError certificate_not_found | admin_not_found */
  async revoke({ certificateId, ...of }: certificates.RevokeCertificateRequest): Promise<certificates.Certificate> {
    let revoked: AppCertificate | undefined;
    await this.apps.change(of, 'certificate.revoked', { certificateId }, async ({ appId, tokenEpoch }, tx) => {
      revoked = (await valid(tx, appId)).find((one) => one.certificateId === certificateId);
      if (!revoked) throw new DomainError('certificate_not_found');
      await tx.appCertificate.delete({ where: { appId_certificateId: { appId, certificateId } } });
      return { tokenEpoch: tokenEpoch + 1, tokensValidFrom: new Date() };
    });
    await this.revocation.announce(revoked!.appId);
    return toCertificate(revoked!);
  }
}

function valid(tx: Tx, appId: number): Promise<AppCertificate[]> {
  return tx.appCertificate.findMany({ where: { appId, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] }, orderBy: { createdAt: 'desc' } });
}

function toCertificate(row: AppCertificate): certificates.Certificate {
  return { certificateId: row.certificateId, createdMs: BigInt(row.createdAt.getTime()), expiresMs: BigInt(row.expiresAt?.getTime() ?? 0) };
}
