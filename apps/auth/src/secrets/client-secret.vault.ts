import { Injectable } from '@nestjs/common';
import { secretPurpose } from '../sealing/purposes.js';
import { SecretBox } from '../sealing/secret.box.js';

/** Keeps client secrets readable for checking dynamic tokens, which their hashes are no good for; only ever encrypted. */
@Injectable()
export class ClientSecretVault {
  constructor(private readonly box: SecretBox) {}

  get canSeal(): boolean {
    return this.box.canSeal;
  }

  /** For the column `sealed`; null when there is nothing to encrypt with: the app's dynamic tokens are refused then. */
  async seal({ org, app }: { org: string; app: string }, clientSecret: string): Promise<string | null> {
    return this.box.canSeal ? this.box.seal(clientSecret, secretPurpose(org, app)) : null;
  }

  /** @throws Error when it was encrypted with a key that is not configured */
  async open({ org, app }: { org: string; app: string }, sealed: string): Promise<string> {
    return this.box.open(sealed, secretPurpose(org, app));
  }
}
