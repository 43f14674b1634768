import { Injectable } from '@nestjs/common';
import { TokenSigner } from '@parley/tokens';
import { KeyStore } from './key.store.js';

/** Signs with the newest key, publishes all of them. */
@Injectable()
export class KeysService {
  private current: TokenSigner | undefined;

  constructor(private readonly store: KeyStore) {}

  /** Call once before anything else. */
  async load(): Promise<void> {
    await this.store.ensureFirst();
    const [newest] = await this.store.all();
    this.current = await TokenSigner.from(newest!);
  }

  get signer(): TokenSigner {
    if (!this.current) throw new Error('the signing key is not loaded');
    return this.current;
  }

  /** The public keys as a JWK set (RFC 7517), read anew so that a key made by another replica is in it. */
  async jwksJson(): Promise<string> {
    return JSON.stringify({ keys: (await this.store.all()).map((key) => key.publicJwk) });
  }
}
