import { Controller, Inject, Req, Res } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { originOf } from '../admin/access/admin-call.js';
import { AdminClients } from '../admin/access/admin-clients.js';
import { API_CONFIG, type ApiConfig } from '../config.js';
import { fieldsOf } from '../http/form-body.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { issuerOf } from './issuer.js';
import { pageHeaders, problemPage, signInPage } from './sign-in.page.js';

const client = z.object({ client_id: z.string().max(64), redirect_uri: z.string().max(2_048) });
const rest = z.object({
  response_type: z.literal('code'),
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be of method S256'),
  code_challenge_method: z.literal('S256'),
  state: z.string().max(1_024).optional(),
});
const asked = client.extend(rest.shape);
const credentials = z.object({ org: z.string().max(64), login: z.string().max(100), password: z.string().max(256) });
const html = { root: true, bare: true, access: ['public'], mediaType: 'text/html', answer: z.string() } as const;

/** The authorization endpoint (RFC 6749, 3.1), with PKCE by S256 only. */
@Controller()
export class AuthorizeController {
  constructor(
    private readonly clients: AdminClients,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Operation('GET', '/oauth/authorize', { ...html, summary: 'The sign-in page of administrators', query: asked })
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer(request.query, request, reply, async ({ fields }) => ({ html: signInPage({ fields }) }));
  }

  @Operation('POST', '/oauth/authorize', {
    ...html,
    summary: 'Sign in: goes back to the client with a code, or shows the page again',
    form: true,
    body: asked.extend(credentials.shape),
  })
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer(fieldsOf(request.body), request, reply, async ({ fields, clientId, redirectUri }) => {
      // A page of somebody else must not sign anybody in here.
      const site = request.headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin') throw new DomainError('oauth_invalid_request', { detail: 'the form must come from the sign-in page' });
      const { org, login, password } = parse(credentials, fieldsOf(request.body), 'oauth_invalid_request');
      try {
        const { code } = await this.clients.access.signIn({
          ...{ org, login, password, clientId, redirectUri },
          codeChallenge: fields['code_challenge']!,
          origin: originOf(request),
        });
        return { code };
      } catch (error) {
        if (!(error instanceof DomainError && (error.code === 'sign_in_refused' || error.code === 'sign_in_throttled'))) throw error;
        return { html: signInPage({ fields, org, login, problem: error.description }), status: error.entry.http };
      }
    });
  }

  /** Problems with client or redirect are shown here; all others go back to the client, which can do something about them. */
  async #answer(
    given: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    next: (of: { fields: Record<string, string>; clientId: string; redirectUri: string }) => Promise<{ html: string; status?: number } | { code: string }>,
  ): Promise<void> {
    let redirectUri: string | undefined;
    try {
      const named = parse(client, given, 'oauth_invalid_request');
      await this.clients.access.checkClient({ clientId: named.client_id, redirectUri: named.redirect_uri });
      redirectUri = named.redirect_uri;
      const problem = rest.safeParse(given);
      const state = (given as { state?: unknown }).state;
      const back = { ...(typeof state === 'string' && state.length <= 1_024 ? { state } : {}), iss: issuerOf(request, this.config) };
      if (!problem.success) {
        const [issue] = problem.error.issues;
        const error = issue!.path[0] === 'response_type' ? 'unsupported_response_type' : 'invalid_request';
        return redirect(reply, redirectUri, { error, error_description: `${issue!.path.join('.')}: ${issue!.message}`, ...back });
      }
      const fields = { ...named, ...problem.data, ...(problem.data.state === undefined ? {} : { state: problem.data.state }) } as Record<string, string>;
      const outcome = await next({ fields, clientId: named.client_id, redirectUri });
      if ('code' in outcome) return redirect(reply, redirectUri, { code: outcome.code, ...back });
      void reply.status(outcome.status ?? 200).headers(pageHeaders(redirectUri)).send(outcome.html);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      void reply.status(error.entry.http).headers(pageHeaders(undefined)).send(problemPage(error.description));
    }
  }
}

/** By GET, whatever the request was (303), and without leaving the code in a cache or a referrer. */
function redirect(reply: FastifyReply, redirectUri: string, parameters: Record<string, string>): void {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  void reply.status(303).headers({ location: target.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).send();
}
