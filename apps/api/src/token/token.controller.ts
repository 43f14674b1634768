import { Controller, Inject } from '@nestjs/common';
import type { auth } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { TokenVerifier, type VerifiedToken } from '@parley/tokens';
import { AUTH_CLIENT, type AuthClient } from '../clients.js';
import { type Call, parse, tenantOf, TheCall } from '../http/call.js';
import { Operation } from '../http/operation.js';
import { userEntity } from '../user/user.entity.js';
import { tokenRequest } from './token.schemas.js';

@Controller()
export class TokenController {
  constructor(
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
  ) {}

  @Operation('POST', '/token', {
    summary: 'Issue an app token (client_credentials) or a user token (password, inherit)',
    access: ['public'],
    body: tokenRequest,
    bare: true,
    errors: [
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
    const ttlSeconds = asked.ttl === undefined ? undefined : BigInt(asked.ttl);
    switch (asked.grant_type) {
      case 'client_credentials': {
        if (!asked.client_id) throw new DomainError('client_id_required');
        if (!asked.client_secret) throw new DomainError('client_secret_required');
        return this.#answer(
          call,
          await this.auth.issueAppToken({ tenant, clientId: asked.client_id, clientSecret: asked.client_secret, ttlSeconds }),
        );
      }
      case 'password': {
        if (!asked.username) throw new DomainError('illegal_argument', { detail: 'username must be provided' });
        if (!asked.password) throw new DomainError('invalid_password');
        return this.#answer(
          call,
          await this.auth.issueUserTokenByPassword({
            tenant,
            username: foldUsername(asked.username),
            password: asked.password,
            ttlSeconds,
          }),
        );
      }
      case 'inherit': {
        await this.#requireAppToken(call);
        if (!asked.username) throw new DomainError('illegal_argument', { detail: 'username must be provided' });
        return this.#answer(
          call,
          await this.auth.issueUserTokenByName({
            tenant,
            username: foldUsername(asked.username),
            autoCreateUser: asked.autoCreateUser ?? false,
            ttlSeconds,
          }),
        );
      }
      default:
        throw new DomainError('grant_type_unsupported', { grantType: asked.grant_type ?? '' });
    }
  }

  @Operation('GET', '/sdk/users/:username/token/expires', {
    summary: 'When the bearer token ends (the SDK\'s renewToken)',
    access: ['self'],
    bare: true,
  })
  expires(@TheCall() call: Call) {
    const { expiresAtMs } = call.token!;
    // A token without end: the largest time that JSON and the SDK's timers bear.
    return { expire_timestamp: Number.isFinite(expiresAtMs) ? expiresAtMs : Number.MAX_SAFE_INTEGER };
  }

  #answer(call: Call, issued: auth.TokenResponse) {
    return {
      access_token: issued.accessToken,
      expires_in: Number(issued.expiresInSeconds),
      application: call.tenant.appUuid,
      ...(issued.user ? { user: userEntity(issued.user) } : {}),
    };
  }

  /** The grant shares its path with those that need no token, so it asks here. */
  async #requireAppToken(call: Call): Promise<void> {
    const [scheme, value] = String(call.headers['authorization'] ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !value) throw new DomainError('unauthorized');
    let token: VerifiedToken;
    try {
      token = await this.verifier.verify(value);
    } catch (error) {
      throw error instanceof DomainError && error.entry.http === 401 ? new DomainError('unauthorized', {}, { cause: error }) : error;
    }
    if (token.kind !== 'app' || token.tenant.appId !== call.tenant.appId) throw new DomainError('unauthorized');
  }
}
