import { Injectable } from '@nestjs/common';
import { type App, type AppSecret, PrismaClient, type TokenIssuer } from '../generated/client.js';

/** An app with its client secrets, newest first, and the names of its own token issuers. */
export type KnownApp = App & { secrets: AppSecret[]; tokenIssuers: Pick<TokenIssuer, 'issuer'>[] };

const WHOLE = { secrets: { orderBy: { createdAt: 'desc' } }, tokenIssuers: { select: { issuer: true } } } as const;

/** Apps and their organisations. */
@Injectable()
export class AppStore {
  constructor(private readonly prisma: PrismaClient) {}

  async byName(org: string, app: string): Promise<KnownApp | undefined> {
    return (await this.prisma.app.findUnique({ where: { org_app: { org, app } }, include: WHOLE })) ?? undefined;
  }

  async byId(appId: number): Promise<KnownApp | undefined> {
    return (await this.prisma.app.findUnique({ where: { appId }, include: WHOLE })) ?? undefined;
  }

  /**
   * Makes what is missing, and changes of an existing app only what is wanted; callers at the same moment get the same
   * app. The secret becomes the only one.
   */
  async ensure({
    secretHash,
    sealed,
    ...wanted
  }: Pick<App, 'org' | 'app' | 'clientId'> & { settings: { openRegistration: boolean }; secretHash: string; sealed: string | null }): Promise<KnownApp> {
    return this.prisma.$transaction(async (tx) => {
      await tx.organisation.createMany({ data: [{ name: wanted.org }], skipDuplicates: true });
      await tx.app.createMany({ data: [wanted], skipDuplicates: true });
      const { appId, settings } = await tx.app.findUniqueOrThrow({ where: { org_app: { org: wanted.org, app: wanted.app } } });
      await tx.app.update({
        where: { appId },
        data: { clientId: wanted.clientId, settings: { ...(settings as object), ...wanted.settings } },
      });
      await tx.appSecret.deleteMany({ where: { appId } });
      await tx.appSecret.create({ data: { appId, secretHash, sealed } });
      return tx.app.findUniqueOrThrow({ where: { appId }, include: WHOLE });
    });
  }

  /** Notes that a secret was used, unless that was noted less than a minute ago. */
  async secretUsed({ appId, secretId }: AppSecret): Promise<void> {
    await this.prisma.$executeRaw`UPDATE app_secret SET last_used_at = now() WHERE app_id = ${appId} AND secret_id = ${secretId}::uuid
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;
  }
}
