import { Controller, Inject } from '@nestjs/common';
import type { auth } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { z } from 'zod';
import { AUTH_CLIENT, type AuthClient } from '../clients.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { userEntity } from '../user/user.entity.js';
import { tokenAnswer, tokenRequest } from './token.schemas.js';

@Controller()
export class TokenController {
  constructor(@Inject(AUTH_CLIENT) private readonly auth: AuthClient) {}

  @Operation('POST', '/token', {
    summary: 'Issue an app token (client_credentials) or a user token (password, inherit)',
    access: ['open'],
    body: tokenRequest,
    answer: tokenAnswer,
    bare: true,
    errors: [
      'unauthorized',
      'client_id_required',
      'client_secret_required',
      'client_id_mismatch',
      'client_secret_mismatch',
      'grant_type_unsupported',
      'invalid_password',
      'token_user_not_found',
      'user_not_activated',
      'entity_user_not_found',
      'username_illegal',
      'username_too_long',
      'concurrent_create',
    ],
  })
  async issue(@TheCall() call: Call) {
    const asked = parse(tokenRequest, call.body);
    const tenant = tenantOf(call);
    const ttlSeconds = asked.ttl;
    switch (asked.grant_type) {
      case 'client_credentials':
        return answer(
          call,
          await this.auth.issueAppToken({ tenant, clientId: asked.client_id, clientSecret: asked.client_secret, ttlSeconds }),
        );
      case 'password': {
        const username = foldUsername(asked.username);
        return answer(call, await this.auth.issueUserTokenByPassword({ tenant, username, password: asked.password, ttlSeconds }));
      }
      case 'inherit': {
        // The grant shares its path with those that need no token.
        if (call.token?.kind !== 'app') throw new DomainError('unauthorized', {}, { cause: call.tokenProblem });
        const username = foldUsername(asked.username);
        const autoCreateUser = asked.autoCreateUser ?? false;
        return answer(call, await this.auth.issueUserTokenByName({ tenant, username, autoCreateUser, ttlSeconds }));
      }
    }
  }

  @Operation('GET', '/sdk/users/:username/token/expires', {
    summary: "When the bearer token ends (the SDK's renewToken)",
    access: ['self'],
    answer: z.object({ expire_timestamp: z.int().describe('Milliseconds since 1970') }),
  })
  expires(@TheCall() call: Call): EnvelopeFields {
    const { expiresAtMs } = call.token!;
    // A token without end: the largest time that JSON and the SDK's timers bear.
    return { expire_timestamp: Number.isFinite(expiresAtMs) ? expiresAtMs : Number.MAX_SAFE_INTEGER };
  }
}

function answer(call: Call, issued: auth.TokenResponse) {
  return {
    access_token: issued.accessToken,
    expires_in: Number(issued.expiresInSeconds),
    application: call.tenant.appUuid,
    ...(issued.user ? { user: userEntity(issued.user) } : {}),
  };
}
