import { Injectable } from '@nestjs/common';
import { generateSigningKey, type SigningKey } from '@parley/tokens';
import { PrismaClient } from '../generated/client.js';

/** Any number will do, as long as only this service takes it in its database. */
const FIRST_KEY_LOCK = 7_401;

/** The key pairs that sign tokens. */
@Injectable()
export class KeyStore {
  constructor(private readonly prisma: PrismaClient) {}

  /** All keys, newest first. */
  async all(): Promise<SigningKey[]> {
    const rows = await this.prisma.signingKey.findMany({ orderBy: [{ createdAt: 'desc' }, { kid: 'asc' }] });
    return rows.map((row) => ({
      kid: row.kid,
      privateJwk: row.privateJwk as SigningKey['privateJwk'],
      publicJwk: row.publicJwk as SigningKey['publicJwk'],
    }));
  }

  /** Makes the first key if there is none; replicas that start together agree on one. */
  async ensureFirst(): Promise<void> {
    await this.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_KEY_LOCK})`;
      if ((await tx.signingKey.count()) > 0) return;
      const { kid, privateJwk, publicJwk } = await generateSigningKey();
      await tx.signingKey.create({ data: { kid, privateJwk: { ...privateJwk }, publicJwk: { ...publicJwk } } });
    });
  }
}
