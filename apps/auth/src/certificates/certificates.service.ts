import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { certificates } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { AppsService } from '../apps/apps.service.js';
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
    private readonly apps: AppsService,
    private readonly prisma: PrismaClient,
    private readonly box: SecretBox,
    private readonly revocation: AppRevocationService,
  ) {}

  async list({ tenant }: certificates.ListCertificatesRequest): Promise<certificates.ListCertificatesResponse> {
    const { appId } = await this.apps.get(tenant);
    const app = await this.prisma.app.findUniqueOrThrow({ where: { appId }, include: { certificates: { orderBy: { createdAt: 'desc' } } } });
    return { tokenAppId: app.tokenAppId ?? '', certificates: app.certificates.map(toCertificate) };
  }

  /** @throws DomainError certificate_limit, secrets_not_sealed */
  async create({ tenant, expireOldAfterSeconds }: certificates.CreateCertificateRequest): Promise<certificates.CreateCertificateResponse> {
    if (!this.box.canSeal) throw new DomainError('secrets_not_sealed');
    const { appId } = await this.apps.get(tenant);
    const appCertificate = randomBytes(HALF_BYTES).toString('hex');
    const sealed = await this.box.seal(appCertificate, certificatePurpose(appId));
    const { row, tokenAppId } = await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM app WHERE app_id = ${appId} FOR UPDATE`;
      await tx.appCertificate.deleteMany({ where: { appId, expiresAt: { lt: new Date() } } });
      if ((await tx.appCertificate.count({ where: { appId } })) >= MOST) throw new DomainError('certificate_limit', { most: String(MOST) });
      if (expireOldAfterSeconds !== undefined) {
        const expiresAt = new Date(Date.now() + Number(expireOldAfterSeconds) * 1_000);
        await tx.appCertificate.updateMany({ where: { appId, OR: [{ expiresAt: null }, { expiresAt: { gt: expiresAt } }] }, data: { expiresAt } });
      }
      await tx.app.updateMany({ where: { appId, tokenAppId: null }, data: { tokenAppId: randomBytes(HALF_BYTES).toString('hex') } });
      const { tokenAppId } = await tx.app.findUniqueOrThrow({ where: { appId } });
      return { row: await tx.appCertificate.create({ data: { appId, sealed } }), tokenAppId: tokenAppId! };
    });
    await this.revocation.announce(appId);
    return { tokenAppId, appCertificate, certificate: toCertificate(row) };
  }

  /** @throws DomainError certificate_not_found */
  async revoke({ tenant, certificateId }: certificates.RevokeCertificateRequest): Promise<certificates.Certificate> {
    const { appId } = await this.apps.get(tenant);
    const known = await this.prisma.appCertificate.findMany({ where: { appId } });
    const row = known.find((one) => one.certificateId === certificateId);
    if (!row) throw new DomainError('certificate_not_found');
    await this.prisma.appCertificate.deleteMany({ where: { appId, certificateId } });
    // Also the app tokens that were given for its tokens.
    await this.revocation.revoke(appId);
    return toCertificate(row);
  }
}

function toCertificate(row: AppCertificate): certificates.Certificate {
  return { certificateId: row.certificateId, createdMs: BigInt(row.createdAt.getTime()), expiresMs: BigInt(row.expiresAt?.getTime() ?? 0) };
}
