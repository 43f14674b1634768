import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { AUTH_CLIENT, type AuthClient } from '../clients.js';
import { Operation } from '../http/operation.js';

/** For how long an answer of auth is given again, in ms: anybody may ask, as often as he likes. */
const FRESH_MS = 5_000;
const jwks = z.object({ keys: z.array(z.object({ kid: z.string(), kty: z.string(), alg: z.string() }).loose()) });

/** The public keys, for whoever wants to verify tokens himself. */
@Controller()
export class JwksController {
  private known: { untilMs: number; set: Promise<z.infer<typeof jwks>> } | undefined;

  constructor(@Inject(AUTH_CLIENT) private readonly auth: Pick<AuthClient, 'getVerificationKeys'>) {}

  @Operation('GET', '/.well-known/jwks.json', {
    summary: 'The public keys that verify tokens (RFC 7517); a key is here before it signs',
    access: ['public'],
    answer: jwks,
    bare: true,
    root: true,
  })
  async keys(): Promise<z.infer<typeof jwks>> {
    const now = Date.now();
    if (this.known && now < this.known.untilMs) return this.known.set;
    const set = this.auth.getVerificationKeys({}).then(({ jwksJson }) => JSON.parse(jwksJson) as z.infer<typeof jwks>);
    const asked = { untilMs: now + FRESH_MS, set };
    this.known = asked;
    set.catch(() => {
      if (this.known === asked) this.known = undefined;
    });
    return set;
  }
}
