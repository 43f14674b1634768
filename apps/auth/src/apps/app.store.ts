import { Injectable } from '@nestjs/common';
import { type App, PrismaClient } from '../generated/client.js';

/** Apps and their organisations. */
@Injectable()
export class AppStore {
  constructor(private readonly prisma: PrismaClient) {}

  async byName(org: string, app: string): Promise<App | undefined> {
    return (await this.prisma.app.findUnique({ where: { org_app: { org, app } } })) ?? undefined;
  }

  async byId(appId: number): Promise<App | undefined> {
    return (await this.prisma.app.findUnique({ where: { appId } })) ?? undefined;
  }

  /** Makes what is missing; callers at the same moment get the same app. */
  async ensure(wanted: Pick<App, 'org' | 'app' | 'clientId' | 'clientSecretHash' | 'openRegistration'>): Promise<App> {
    return this.prisma.$transaction(async (tx) => {
      await tx.organisation.createMany({ data: [{ name: wanted.org }], skipDuplicates: true });
      return tx.app.upsert({
        where: { org_app: { org: wanted.org, app: wanted.app } },
        create: wanted,
        update: {
          clientId: wanted.clientId,
          clientSecretHash: wanted.clientSecretHash,
          openRegistration: wanted.openRegistration,
        },
      });
    });
  }
}
