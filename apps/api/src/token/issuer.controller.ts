import { Controller, Inject } from '@nestjs/common';
import type { issuers } from '@parley/contracts';
import { ISSUER_CLIENT, type IssuerClient } from '../clients.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { issuerAnswer, issuerBody, issuerRef, issuersAnswer, removedAnswer } from './issuer.schemas.js';

/** The tenant's own identity providers, whose tokens are taken as tokens of its users. */
@Controller()
export class IssuerController {
  constructor(@Inject(ISSUER_CLIENT) private readonly issuers: IssuerClient) {}

  @Operation('GET', '/token/issuers', { summary: "The app's own token issuers", access: ['app'], answer: issuersAnswer })
  async list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { issuers } = await this.issuers.listIssuers({ tenant: tenantOf(call) });
    return { data: issuers.map(toBody), count: issuers.length };
  }

  @Operation('PUT', '/token/issuers', {
    summary: 'Add a token issuer, or replace the one of that name',
    access: ['app'],
    body: issuerBody,
    answer: issuerAnswer,
    errors: ['token_issuer_limit'],
  })
  async put(@TheCall() call: Call): Promise<EnvelopeFields> {
    const asked = parse(issuerBody, call.body);
    const stored = await this.issuers.putIssuer({
      tenant: tenantOf(call),
      issuer: {
        issuer: asked.issuer,
        audiences: asked.audiences,
        jwksUrl: asked.jwks_url ?? '',
        jwksJson: asked.jwks ? JSON.stringify(asked.jwks) : '',
        usernameClaim: asked.username_claim,
        autoCreate: asked.auto_create,
      },
    });
    return { data: toBody(stored) };
  }

  @Operation('DELETE', '/token/issuers', { summary: 'Remove a token issuer', access: ['app'], body: issuerRef, answer: removedAnswer })
  async remove(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.issuers.removeIssuer({ tenant: tenantOf(call), issuer: parse(issuerRef, call.body).issuer });
    return { data: { result: true } };
  }
}

function toBody({ issuer, audiences, jwksUrl, jwksJson, usernameClaim, autoCreate }: issuers.Issuer) {
  const keys = jwksUrl === '' ? { jwks: JSON.parse(jwksJson) as unknown } : { jwks_url: jwksUrl };
  return { issuer, audiences, ...keys, username_claim: usernameClaim, auto_create: autoCreate };
}
