import { Inject, Injectable } from '@nestjs/common';
import { broadcasts, Bus } from '@parley/bus';
import { LRUCache } from 'lru-cache';
import type { KnownApp } from '../apps/app.store.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { PrismaClient } from '../generated/client.js';
import { certificatePurpose } from '../sealing/purposes.js';
import { SecretBox } from '../sealing/secret.box.js';
import { ClientSecretVault } from '../secrets/client-secret.vault.js';

interface Opened {
  value: string;
  expiresAtMs: number;
}

const REMEMBERED = 1_000;

/** What an app's own tokens are checked with, opened and remembered for a moment; forgotten at the news of a change. */
@Injectable()
export class ForeignCredentials {
  private readonly opened: LRUCache<number, Promise<{ certificates: Opened[]; secrets: Opened[] }>>;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly box: SecretBox,
    private readonly vault: ClientSecretVault,
    bus: Bus,
    @Inject(AUTH_CONFIG) config: AuthConfig,
  ) {
    this.opened = new LRUCache({ max: REMEMBERED, ttl: Math.max(config.appCacheMs, 1) });
    bus.onBroadcast(broadcasts.appChanged, ({ appId }) => this.opened.delete(appId));
  }

  /** Certificates that are valid now. */
  async certificates(app: KnownApp): Promise<string[]> {
    return valid((await this.of(app)).certificates);
  }

  /** Client secrets that are valid now and were stored readable. */
  async secrets(app: KnownApp): Promise<string[]> {
    return valid((await this.of(app)).secrets);
  }

  private of(app: KnownApp): Promise<{ certificates: Opened[]; secrets: Opened[] }> {
    const known = this.opened.get(app.appId);
    if (known) return known;
    const opening = this.open(app);
    this.opened.set(app.appId, opening);
    opening.catch(() => this.opened.delete(app.appId));
    return opening;
  }

  private async open({ appId, org, app }: KnownApp): Promise<{ certificates: Opened[]; secrets: Opened[] }> {
    const [certificates, secrets] = await Promise.all([
      this.prisma.appCertificate.findMany({ where: { appId } }),
      this.prisma.appSecret.findMany({ where: { appId, sealed: { not: null } } }),
    ]);
    return {
      certificates: await opened(certificates, (sealed) => this.box.open(sealed, certificatePurpose(appId))),
      secrets: await opened(secrets, (sealed) => this.vault.open({ org, app }, sealed)),
    };
  }
}

function opened(rows: readonly { sealed: string | null; expiresAt: Date | null }[], open: (sealed: string) => Promise<string>): Promise<Opened[]> {
  return Promise.all(rows.map(async ({ sealed, expiresAt }) => ({ value: await open(sealed!), expiresAtMs: expiresAt?.getTime() ?? Infinity })));
}

function valid(all: readonly Opened[]): string[] {
  return all.filter((one) => one.expiresAtMs > Date.now()).map((one) => one.value);
}
