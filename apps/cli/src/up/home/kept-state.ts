import { randomBytes } from 'node:crypto';
import type { Home } from './home.js';

/** What is chosen at the first start and stays: secrets are made here, never shipped. */
export interface KeptState {
  clientId: string;
  clientSecret: string;
  /** Encrypts auth's private keys and certificates in the database. */
  keyEncryptionKey: string;
  /** Demo users and their passwords. */
  users: Record<string, string>;
  postgresPort?: number;
  natsPort?: number;
}

const FILE = 'state.json';

export function loadKeptState(home: Home): KeptState {
  const kept = home.readJson<Partial<KeptState>>(FILE);
  const state: KeptState = {
    clientId: `YXA6${secret(16)}`,
    clientSecret: `YXA6${secret(24)}`,
    keyEncryptionKey: secret(32),
    users: { alice: secret(9), bob: secret(9) },
    ...kept,
  };
  saveKeptState(home, state);
  return state;
}

export function saveKeptState(home: Home, state: KeptState): void {
  home.writeJson(FILE, state);
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
