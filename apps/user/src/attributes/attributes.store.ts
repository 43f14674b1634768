import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { PrismaClient } from '../generated/client.js';
import { sizeOf } from './attributes.rules.js';

export interface AttributeLimits {
  /** Bytes. */
  ofUser: number;
  /** Bytes. */
  ofApp: number;
}

/** Attributes of users, one row each, and how much an app has of them. */
@Injectable()
export class AttributesStore {
  constructor(private readonly prisma: PrismaClient) {}

  /**
   * Merges pairs into what a user has. What makes it smaller is always allowed.
   * @returns false when the user is gone
   * @throws DomainError user_attributes_too_large | app_attributes_too_large; then nothing is changed
   */
  async merge(tenant: TenantRef, userId: bigint, pairs: ReadonlyMap<string, string>, limits: AttributeLimits): Promise<boolean> {
    const { appId } = tenant;
    return this.prisma.$transaction(async (tx) => {
      // Writes of one user take turns; a deletion waits for this one or has come first.
      const owner = await tx.$queryRaw<unknown[]>`SELECT 1 FROM app_user WHERE app_id = ${appId} AND user_id = ${userId} FOR NO KEY UPDATE`;
      if (owner.length === 0) return false;
      const row = await tx.userAttributes.findUnique({ where: { appId_userId: { appId, userId } } });
      const merged = new Map([...Object.entries((row?.attributes ?? {}) as Record<string, string>), ...pairs]);
      const bytes = sizeOf(merged);
      const before = row?.bytes ?? 0;
      if (bytes > limits.ofUser && bytes > before) throw new DomainError('user_attributes_too_large', { limit: String(limits.ofUser) });
      const attributes = Object.fromEntries(merged);
      await tx.userAttributes.upsert({
        where: { appId_userId: { appId, userId } },
        create: { appId, userId, attributes, bytes },
        update: { attributes, bytes },
      });
      // The trigger has counted by now, under the lock of the app's row: two writes cannot both take the last bytes.
      if (bytes > before && (await usage(tx, appId)) > limits.ofApp) throw new DomainError('app_attributes_too_large', { limit: String(limits.ofApp) });
      return true;
    });
  }

  /** Of those users that have any, by user id. */
  async of(tenant: TenantRef, userIds: readonly bigint[]): Promise<Map<bigint, Record<string, string>>> {
    if (userIds.length === 0) return new Map();
    const rows = await this.prisma.userAttributes.findMany({ where: { appId: tenant.appId, userId: { in: [...userIds] } } });
    return new Map(rows.map((row) => [row.userId, row.attributes as Record<string, string>]));
  }

  async delete(tenant: TenantRef, userId: bigint): Promise<void> {
    await this.prisma.userAttributes.deleteMany({ where: { appId: tenant.appId, userId } });
  }

  /** Bytes of all users together. */
  async capacity(tenant: TenantRef): Promise<bigint> {
    return usage(this.prisma, tenant.appId);
  }
}

async function usage(db: Pick<PrismaClient, 'appUsage'>, appId: number): Promise<bigint> {
  return (await db.appUsage.findUnique({ where: { appId } }))?.attributeBytes ?? 0n;
}
