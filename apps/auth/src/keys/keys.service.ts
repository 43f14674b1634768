import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Bus, broadcasts } from '@parley/bus';
import type { keys } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { type TokenClaims, TokenSigner } from '@parley/tokens';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { coverageFor, expiredKeys, FOR_EVER_MS, keysThatSignNoMore, rotationIsDue, signingKey, stateOf, waitingKey } from './key.rules.js';
import { KeyStore, type StoredKey } from './key.store.js';

const log = createLogger('auth');
/** How often the keys are read again: whether one's time has come is decided by what was read last. */
const READ_EVERY_MS = 10_000;
/** Tokens of other kinds than an app's or a user's (administrators') live shorter than this, in ms. */
const SHORT_LIVED_MS = 2 * 86_400_000;

/** Signs with the present key, publishes all that verify, makes new ones in time. */
@Injectable()
export class KeysService {
  private known: StoredKey[] = [];
  private current: { kid: string; signer: TokenSigner; coversUntilMs: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private subscription: { unsubscribe(): void } | undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: KeyStore,
    private readonly bus: Bus,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** Call once before anything else. @throws Error when the keys cannot be decrypted */
  async load(): Promise<void> {
    await this.store.ensureFirst();
    await this.store.resealAll();
    await this.read();
    this.subscription = this.bus.onBroadcast(broadcasts.revoked, ({ keysChanged }) => {
      if (keysChanged) this.readSoon();
    });
    this.timer = setInterval(() => this.readSoon(), READ_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.subscription?.unsubscribe();
    await this.reading;
  }

  /** For tokens that live for less than two days. */
  get signer(): TokenSigner {
    if (!this.current) throw new Error('the signing key is not loaded');
    return this.current.signer;
  }

  /** Signs a token of an app or a user, and makes sure that the key outlives it. */
  async sign(claims: TokenClaims): Promise<string> {
    const current = this.current;
    if (!current) throw new Error('the signing key is not loaded');
    await this.cover(current, claims.ttlSeconds === 0 ? FOR_EVER_MS : Date.now() + claims.ttlSeconds * 1_000);
    return current.signer.sign(claims);
  }

  /** The public keys that verify, as a JWK set (RFC 7517), read anew so that a key made by another replica is in it. */
  async jwksJson(): Promise<string> {
    return JSON.stringify({ keys: verifying(await this.store.all()).map((key) => key.publicJwk) });
  }

  /** Differs whenever the set of keys that verify does. */
  get version(): string {
    return createHash('sha256').update(verifying(this.known).map((key) => key.kid).sort().join()).digest('base64url').slice(0, 16);
  }

  async list(): Promise<keys.ListKeysResponse> {
    const all = await this.store.all();
    return { keys: all.map((key) => toContract(key, all)) };
  }

  /** On demand. Answers the key that signs next, or now. */
  async rotate({ immediately }: keys.RotateKeysRequest): Promise<keys.SigningKey> {
    const now = Date.now();
    await this.store.rotate(new Date(immediately ? now : now + this.leadMs), now);
    await this.changed();
    const next = (immediately ? undefined : waitingKey(this.known, now)) ?? signingKey(this.known, Date.now())!;
    return toContract(next, this.known);
  }

  /** @throws DomainError key_not_found */
  async revoke({ kid }: keys.RevokeKeyRequest): Promise<keys.SigningKey> {
    if (!(await this.store.revoke(kid, new Date()))) throw new DomainError('key_not_found', { kid });
    await this.changed();
    return toContract(this.known.find((key) => key.kid === kid)!, this.known);
  }

  /** What is due by the clock; every replica does it, under the store's lock. */
  async tidy(): Promise<void> {
    const now = Date.now();
    const { keyRotationDays } = this.config;
    const due = (all: StoredKey[]) => rotationIsDue(all, keyRotationDays * 86_400_000, this.leadMs, now);
    if (due(this.known)) {
      await this.store.rotate(new Date(now + this.leadMs), now, due);
      await this.changed();
    }
    const idle = keysThatSignNoMore(this.known, now).filter((key) => key.sealedPrivateJwk !== undefined);
    if (idle.length > 0) await this.store.erasePrivate(idle.map((key) => key.kid));
    const gone = expiredKeys(this.known, now);
    if (gone.length > 0) {
      await this.store.delete(gone.map((key) => key.kid));
      await this.changed();
    }
  }

  private get leadMs(): number {
    return this.config.keyLeadMinutes * 60_000;
  }

  private async cover(current: { kid: string; coversUntilMs: number }, untilMs: number): Promise<void> {
    if (untilMs <= current.coversUntilMs) return;
    const coverage = coverageFor(untilMs);
    await this.store.cover(current.kid, coverage);
    current.coversUntilMs = Math.max(current.coversUntilMs, coverage);
  }

  private async changed(): Promise<void> {
    await this.read();
    await this.bus.tell(broadcasts.revoked, { revocations: [], keysChanged: true });
  }

  private readSoon(): void {
    this.reading = this.reading
      .then(() => this.read())
      .then(() => this.tidy())
      .catch((error: unknown) => log.warn({ err: error }, 'signing keys cannot be read for now'));
  }

  private async read(): Promise<void> {
    const all = await this.store.all();
    const signing = signingKey(all, Date.now());
    if (!signing) throw new Error('there is no key to sign with');
    if (signing.kid !== this.current?.kid) {
      const signer = await TokenSigner.from({ kid: signing.kid, privateJwk: await this.store.privateJwk(signing) });
      this.current = { kid: signing.kid, signer, coversUntilMs: signing.coversUntilMs };
      log.info({ kid: signing.kid }, 'tokens are signed with this key');
    }
    this.known = all;
    await this.cover(this.current, Date.now() + SHORT_LIVED_MS);
  }
}

function verifying(all: readonly StoredKey[]): StoredKey[] {
  return all.filter((key) => !key.revoked);
}

function toContract(key: StoredKey, all: readonly StoredKey[]): keys.SigningKey {
  return {
    kid: key.kid,
    state: stateOf(key, all, Date.now()),
    createdMs: BigInt(key.createdAtMs),
    signFromMs: BigInt(key.signFromMs),
    coversUntilMs: BigInt(key.coversUntilMs),
  };
}
