import { Controller, Inject, Req, Res } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { originOf } from '../admin/access/admin-call.js';
import { AdminClients } from '../admin/access/admin-clients.js';
import { API_CONFIG, type ApiConfig } from '../config.js';
import { fieldsOf } from '../http/form-body.js';
import { Operation } from '../http/operation.js';
import { fails, parse } from '../http/parse.js';
import { clientCredentials } from './client-credentials.js';
import { issuerOf } from './issuer.js';

const PUBLIC = { root: true, bare: true, access: ['public'] } as const;
const text = z.string().min(1).max(2_048);
const grants = z.discriminatedUnion(
  'grant_type',
  [
    z.object({ grant_type: z.literal('authorization_code'), code: text, redirect_uri: text, client_id: text, code_verifier: text }),
    z.object({ grant_type: z.literal('refresh_token'), refresh_token: text, client_id: text }),
    z.object({ grant_type: z.literal('client_credentials'), client_id: text.optional(), client_secret: text.optional() }),
  ],
  { error: fails('oauth_grant_unsupported') },
);
const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds'),
  refresh_token: z.string().optional().describe('Works once; not with client_credentials'),
});
const revocation = z.object({ token: text, token_type_hint: z.string().max(64).optional(), client_id: text });

/** Tokens for administrators (RFC 6749, 7009) and the metadata that describes it all (RFC 8414). */
@Controller()
export class OAuthController {
  constructor(
    private readonly clients: AdminClients,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Operation('POST', '/oauth/token', {
    ...PUBLIC,
    summary: "An administrator's tokens: authorization_code, refresh_token, client_credentials",
    form: true,
    body: grants,
    answer: tokens,
    errors: ['oauth_grant_unsupported', 'oauth_invalid_request', 'oauth_invalid_grant', 'oauth_invalid_client'],
  })
  async token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    const asked = parse(grants, fieldsOf(request.body), 'oauth_invalid_request');
    const origin = originOf(request);
    const { access } = this.clients;
    const issue = async () => {
      switch (asked.grant_type) {
        case 'authorization_code':
          return access.exchangeCode({
            ...{ code: asked.code, clientId: asked.client_id, redirectUri: asked.redirect_uri, codeVerifier: asked.code_verifier },
            origin,
          });
        case 'refresh_token':
          return access.refreshTokens({ refreshToken: asked.refresh_token, clientId: asked.client_id, origin });
        case 'client_credentials':
          return access.issueKeyToken({ ...clientCredentials(request.headers.authorization, asked), origin });
      }
    };
    const issued = await issue().catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'oauth_invalid_client') void reply.header('www-authenticate', 'Basic realm="parley"');
      throw error;
    });
    return {
      access_token: issued.accessToken,
      token_type: 'Bearer',
      expires_in: issued.expiresInSeconds,
      ...(issued.refreshToken === '' ? {} : { refresh_token: issued.refreshToken }),
    };
  }

  @Operation('POST', '/oauth/revoke', {
    ...PUBLIC,
    summary: 'End the session of a refresh or access token; a token that is unknown is no error',
    form: true,
    body: revocation,
    answer: z.object({}),
    errors: ['oauth_invalid_request', 'oauth_token_unsupported'],
  })
  async revoke(@Req() request: FastifyRequest) {
    const asked = parse(revocation, fieldsOf(request.body), 'oauth_invalid_request');
    await this.clients.access.revokeToken({ token: asked.token, clientId: asked.client_id, origin: originOf(request) });
    return {};
  }

  @Operation('GET', '/.well-known/oauth-authorization-server', {
    ...PUBLIC,
    summary: 'Where an administrator signs in, and how (RFC 8414)',
    answer: z.looseObject({ issuer: z.url() }),
  })
  metadata(@Req() request: FastifyRequest) {
    const issuer = issuerOf(request, this.config);
    return {
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      service_documentation: `${issuer}/openapi.json`,
    };
  }
}
