import { Inject, Injectable } from '@nestjs/common';
import { broadcasts, Bus } from '@parley/bus';
import { DomainError } from '@parley/errors';
import { LRUCache } from 'lru-cache';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { Prisma, PrismaClient, type TokenIssuer } from '../generated/client.js';

/** Identity providers of one app. */
export const MOST_ISSUERS = 10;
const REMEMBERED = 10_000;

/** Identity providers of the apps, remembered for a moment. */
@Injectable()
export class IssuerStore {
  private readonly known: LRUCache<number, TokenIssuer[]>;

  constructor(
    private readonly prisma: PrismaClient,
    bus: Bus,
    @Inject(AUTH_CONFIG) config: AuthConfig,
  ) {
    this.known = new LRUCache({ max: REMEMBERED, ttl: Math.max(config.appCacheMs, 1) });
    bus.onBroadcast(broadcasts.appChanged, ({ appId }) => this.known.delete(appId));
  }

  async find(appId: number, issuer: string): Promise<TokenIssuer | undefined> {
    let all = this.known.get(appId);
    if (!all) {
      all = await this.all(appId);
      this.known.set(appId, all);
    }
    return all.find((one) => one.issuer === issuer);
  }

  /** By name. */
  async all(appId: number): Promise<TokenIssuer[]> {
    return this.prisma.tokenIssuer.findMany({ where: { appId }, orderBy: { issuer: 'asc' } });
  }

  /** In place of one of the same name. @throws DomainError token_issuer_limit */
  async put(row: Omit<TokenIssuer, 'changedAt' | 'jwks'> & { jwks: object | null }): Promise<TokenIssuer> {
    const { appId, issuer } = row;
    const data = { ...row, jwks: row.jwks === null ? Prisma.DbNull : { ...row.jwks }, changedAt: new Date() };
    return this.prisma.$transaction(async (tx) => {
      // The app's row is the lock under which its issuers are counted.
      await tx.$queryRaw`SELECT 1 FROM app WHERE app_id = ${appId} FOR UPDATE`;
      const others = await tx.tokenIssuer.count({ where: { appId, issuer: { not: issuer } } });
      if (others >= MOST_ISSUERS) throw new DomainError('token_issuer_limit', { most: String(MOST_ISSUERS) });
      return tx.tokenIssuer.upsert({ where: { appId_issuer: { appId, issuer } }, create: data, update: data });
    });
  }

  async remove(appId: number, issuer: string): Promise<void> {
    await this.prisma.tokenIssuer.deleteMany({ where: { appId, issuer } });
  }
}
