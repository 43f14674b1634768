import { Injectable } from '@nestjs/common';
import { generateSigningKey, type SigningKey } from '@parley/tokens';
import { Prisma, PrismaClient, type SigningKey as KeyRow } from '../generated/client.js';
import { SecretBox } from '../sealing/secret.box.js';
import { type KeyTimes, signingKey, waitingKey } from './key.rules.js';

/** Any number will do, as long as only this service takes it in its database. */
const KEYS_LOCK = 7_401;

/** A key pair with its times; the private half is sealed, or gone when it signs no more. */
export interface StoredKey extends KeyTimes {
  publicJwk: SigningKey['publicJwk'];
  sealedPrivateJwk: string | undefined;
}

/** The key pairs that sign tokens. */
@Injectable()
export class KeyStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly box: SecretBox,
  ) {}

  /** All keys, newest first. */
  async all(): Promise<StoredKey[]> {
    return read(this.prisma);
  }

  /** The private half. @throws Error when it was encrypted with a key that is not configured */
  async privateJwk(key: StoredKey): Promise<SigningKey['privateJwk']> {
    const stored = key.sealedPrivateJwk;
    if (stored === undefined) throw new Error('a key that signs has lost its private half');
    return JSON.parse(await this.box.open(stored, purposeOf(key.kid))) as SigningKey['privateJwk'];
  }

  /** Makes the first key if there is none; replicas that start together agree on one. */
  async ensureFirst(): Promise<void> {
    await this.alone(async (tx) => {
      if ((await tx.signingKey.count()) === 0) await this.insert(tx, new Date());
    });
  }

  /**
   * A key that signs from then on: the one that waits, if there is one, else a new one.
   * @param wanted decides with the keys as they are under the lock; false = leave it
   */
  async rotate(signFrom: Date, nowMs: number, wanted: (keys: StoredKey[]) => boolean = () => true): Promise<void> {
    await this.alone(async (tx) => {
      const keys = await read(tx);
      if (!wanted(keys)) return;
      const waiting = waitingKey(keys, nowMs);
      if (!waiting) await this.insert(tx, signFrom);
      else if (signFrom.getTime() < waiting.signFromMs) await tx.signingKey.update({ where: { kid: waiting.kid }, data: { signFrom } });
    });
  }

  /** Voids a key, and makes a successor if it was the one that signs. False when there is no such key. */
  async revoke(kid: string, now: Date): Promise<boolean> {
    return this.alone(async (tx) => {
      const signing = signingKey(await read(tx), now.getTime());
      const { count } = await tx.signingKey.updateMany({ where: { kid }, data: { revokedAt: now, privateJwk: Prisma.DbNull } });
      // Not an earlier one: it may have been replaced for a reason.
      if (signing?.kid === kid) await this.insert(tx, now);
      return count > 0;
    });
  }

  /** The key will have to be kept until then. */
  async cover(kid: string, untilMs: number): Promise<void> {
    await this.prisma.$executeRaw`UPDATE signing_key SET covers_until_ms = GREATEST(covers_until_ms, ${BigInt(untilMs)}) WHERE kid = ${kid}`;
  }

  async erasePrivate(kids: string[]): Promise<void> {
    await this.prisma.signingKey.updateMany({ where: { kid: { in: kids } }, data: { privateJwk: Prisma.DbNull } });
  }

  async delete(kids: string[]): Promise<void> {
    await this.prisma.signingKey.deleteMany({ where: { kid: { in: kids } } });
  }

  /** Encrypts what is not encrypted with the present key yet. */
  async resealAll(): Promise<void> {
    for (const key of await this.all()) {
      const stored = key.sealedPrivateJwk;
      if (stored === undefined || this.box.isFresh(stored)) continue;
      const sealed = await this.box.seal(await this.box.open(stored, purposeOf(key.kid)), purposeOf(key.kid));
      await this.prisma.signingKey.updateMany({ where: { kid: key.kid, privateJwk: { not: Prisma.DbNull } }, data: { privateJwk: sealed } });
    }
  }

  private async insert(tx: Prisma.TransactionClient, signFrom: Date): Promise<void> {
    const { kid, privateJwk, publicJwk } = await generateSigningKey();
    const sealed = await this.box.seal(JSON.stringify(privateJwk), purposeOf(kid));
    await tx.signingKey.create({ data: { kid, privateJwk: sealed, publicJwk: { ...publicJwk }, signFrom } });
  }

  private alone<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${KEYS_LOCK})`;
      return work(tx);
    });
  }
}

async function read(tx: Prisma.TransactionClient): Promise<StoredKey[]> {
  const rows = await tx.signingKey.findMany({ orderBy: [{ signFrom: 'desc' }, { kid: 'asc' }] });
  return rows.map(toStored);
}

function toStored(row: KeyRow): StoredKey {
  return {
    kid: row.kid,
    createdAtMs: row.createdAt.getTime(),
    signFromMs: row.signFrom.getTime(),
    coversUntilMs: Number(row.coversUntilMs),
    revoked: row.revokedAt !== null,
    publicJwk: row.publicJwk as SigningKey['publicJwk'],
    // The version before stored the key as an object, unsealed.
    sealedPrivateJwk: row.privateJwk === null ? undefined : typeof row.privateJwk === 'string' ? row.privateJwk : JSON.stringify(row.privateJwk),
  };
}

function purposeOf(kid: string): string {
  return `signing key ${kid}`;
}
