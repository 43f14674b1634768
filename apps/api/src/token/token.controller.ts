import { Controller, Inject } from '@nestjs/common';
import type { auth } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { EpochDirectory } from '@parley/revocation';
import { z } from 'zod';
import { bearerOf, BearerTokens } from '../access/bearer.tokens.js';
import { AUTH_CLIENT, type AuthClient, EXCHANGE_CLIENT, type ExchangeClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { userEntity } from '../user/user.entity.js';
import { tokenAnswer, tokenRequest, validityAnswer, validityRequest } from './token.schemas.js';

@Controller()
export class TokenController {
  constructor(
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(EXCHANGE_CLIENT) private readonly exchange: ExchangeClient,
    @Inject(BearerTokens) private readonly tokens: BearerTokens,
    @Inject(EpochDirectory) private readonly epochs: EpochDirectory,
  ) {}

  @Operation('POST', '/token', {
    summary: 'Issue an app token (client_credentials) or a user token (password, inherit), or exchange an AccessToken2 (agora)',
    access: ['open'],
    body: tokenRequest,
    answer: tokenAnswer,
    bare: true,
    proves: true,
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
      'users_full',
    ],
  })
  async issue(@TheCall() call: Call) {
    const asked = parse(tokenRequest, call.body);
    const tenant = tenantOf(call);
    const ttlSeconds = 'ttl' in asked ? asked.ttl : undefined;
    switch (asked.grant_type) {
      case 'client_credentials':
        return answer(
          call,
          await this.auth.issueAppToken({ tenant, clientId: asked.client_id, clientSecret: asked.client_secret, ttlSeconds, address: call.address }),
        );
      case 'password': {
        const username = foldUsername(asked.username);
        return answer(call, await this.auth.issueUserTokenByPassword({ tenant, username, password: asked.password, ttlSeconds, address: call.address }));
      }
      case 'inherit': {
        // The grant shares its path with those that need no token.
        if (call.token?.kind !== 'app') throw new DomainError('unauthorized', {}, { cause: call.tokenProblem });
        const username = foldUsername(asked.username);
        const autoCreateUser = asked.autoCreateUser ?? false;
        return answer(call, await this.auth.issueUserTokenByName({ tenant, username, autoCreateUser, ttlSeconds }));
      }
      case 'agora': {
        const token = bearerOf(call.headers['authorization'] as string | undefined);
        const { issued, expiresMs } = await this.exchange.issueForAccessToken2({ org: tenant.org, app: tenant.app, token });
        return { ...answer(call, issued!), expire_timestamp: Number(expiresMs) };
      }
    }
  }

  @Operation('POST', '/token/users/:username/invalid', {
    summary: 'Whether a token of the user is invalid: expired, revoked, not his, or none at all',
    access: ['app'],
    body: validityRequest,
    answer: validityAnswer,
  })
  async invalid(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { token } = parse(validityRequest, call.body);
    return { data: { invalid: !(await this.isGood(call, token)) } };
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

  private async isGood(call: Call, text: string): Promise<boolean> {
    try {
      const token = await this.tokens.verify({ headers: { authorization: `Bearer ${text}` }, params: call.params });
      if (token.kind !== 'user' || token.tenant.appId !== call.tenant.appId || token.username !== usernameOf(call)) return false;
      return await this.epochs.isCurrent({ appId: token.tenant.appId, userId: token.userId! }, token.tokenEpoch);
    } catch (error) {
      if (error instanceof DomainError && error.entry.http === 401) return false;
      throw error;
    }
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
