import { Injectable } from '@nestjs/common';
import type { organisations } from '@parley/contracts';
import { PrismaClient } from '../generated/client.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';

/** Reads what was written down, newest first. */
@Injectable()
export class AuditService {
  constructor(private readonly prisma: PrismaClient) {}

  async read({ org, app, act, actor, limit, cursor }: organisations.ReadAuditRequest): Promise<organisations.ReadAuditResponse> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const rows = await this.prisma.auditEntry.findMany({
      where: {
        org,
        ...(app === '' ? {} : { app }),
        ...(act === '' ? {} : { act }),
        ...(actor === '' ? {} : { actor }),
        ...(after !== undefined && /^\d{1,18}$/.test(after) ? { entryId: { lt: BigInt(after) } } : {}),
      },
      orderBy: { entryId: 'desc' },
      take: size + 1,
    });
    const { page, nextCursor } = pageOf(rows, size, (row) => String(row.entryId));
    return {
      nextCursor,
      entries: page.map(({ entryId, at, actorId, detail, ...row }) => ({
        ...row,
        entryId,
        atMs: BigInt(at.getTime()),
        actorId: actorId ?? '',
        detailJson: JSON.stringify(detail),
      })),
    };
  }

  /** Deletes what is older, a bounded number at a time; returns how many went. */
  async forgetOlderThan(days: number, most = 5_000): Promise<number> {
    return this.prisma.$executeRaw`DELETE FROM audit_entry WHERE (org, entry_id) IN
      (SELECT org, entry_id FROM audit_entry WHERE at < now() - make_interval(days => ${days}) LIMIT ${most})`;
  }
}
