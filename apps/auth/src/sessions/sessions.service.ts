import { Injectable } from '@nestjs/common';
import type { organisations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { checkMayGive } from '../administrators/grant.rules.js';
import { Acts } from '../audit/acts.js';
import { PrismaClient } from '../generated/client.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHOWN = 100;

/** Where administrators are signed in. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly acts: Acts,
  ) {}

  /** The latest first. @throws DomainError admin_not_found */
  async list({ org, adminId }: organisations.AdministratorRef): Promise<organisations.ListSessionsResponse> {
    await this.administrators.get(org, adminId, 'person');
    const rows = await this.prisma.adminSession.findMany({ where: { org, adminId, expiresAt: { gt: new Date() } }, orderBy: { lastUsedAt: 'desc' }, take: SHOWN });
    return {
      sessions: rows.map(({ sessionId, clientId, address, userAgent, createdAt, lastUsedAt, expiresAt }) => ({
        sessionId,
        clientId,
        address,
        userAgent,
        createdMs: BigInt(createdAt.getTime()),
        lastUsedMs: BigInt(lastUsedAt.getTime()),
        expiresMs: BigInt(expiresAt.getTime()),
      })),
    };
  }

  /** At once: every call of the admin API looks for its session. @throws DomainError admin_not_found | admin_role_too_high */
  async end({ actor, org, adminId, sessionId, keepOwn }: organisations.EndSessionsRequest): Promise<organisations.EndSessionsResponse> {
    const isOwn = actor!.org === org && actor!.adminId === adminId;
    return this.acts.run(actor!, { name: 'session.ended', org, target: adminId }, async (tx, note) => {
      const whose = await this.administrators.get(org, adminId, 'person', tx);
      if (!isOwn) checkMayGive(actor!.role, whose.role);
      if (sessionId !== '' && !UUID.test(sessionId)) throw new DomainError('admin_not_found');
      const which = sessionId !== '' ? { sessionId } : keepOwn && isOwn && actor!.sessionId !== '' ? { sessionId: { not: actor!.sessionId } } : {};
      const { count } = await tx.adminSession.deleteMany({ where: { org, adminId, ...which } });
      if (sessionId !== '' && count === 0) throw new DomainError('admin_not_found');
      // A code that was not exchanged yet would start another one.
      if (sessionId === '') await tx.authorizationCode.deleteMany({ where: { org, adminId } });
      note({ target: whose.login, detail: { ended: count } });
      return { ended: count };
    });
  }
}
