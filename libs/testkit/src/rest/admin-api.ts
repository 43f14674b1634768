import { createHash, randomBytes } from 'node:crypto';
import { GIVE_UP_MS } from '../wait/eventually.js';
import { answerOf, type RestAnswer } from './answer.js';

export interface AdminPerson {
  org: string;
  login: string;
  password: string;
}

const CLI = { client_id: 'parley-cli', redirect_uri: 'parley-cli:signed-in' };

/** The admin API as one administrator, or nobody, calls it. Answers of every status are returned, none throws. */
export class AdminApi {
  private constructor(
    private readonly restUrl: string,
    readonly token: string | undefined,
    readonly refreshToken: string | undefined,
  ) {}

  static anonymous(restUrl: string): AdminApi {
    return new AdminApi(restUrl, undefined, undefined);
  }

  /** Signs in by the code flow, without a browser. @throws when refused */
  static async signIn(restUrl: string, who: AdminPerson): Promise<AdminApi> {
    const nobody = AdminApi.anonymous(restUrl);
    const verifier = randomBytes(32).toString('base64url');
    const answer = await nobody.form('/oauth/authorize', {
      ...{ response_type: 'code', code_challenge_method: 'S256', ...CLI, ...who },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const code = new URL(answer.headers.get('location') ?? 'x:').searchParams.get('code');
    if (!code) throw new Error(`${who.login} was not signed in: ${answer.status} ${String(answer.body).slice(0, 2_000)}`);
    return nobody.#withTokens(await nobody.form('/oauth/token', { grant_type: 'authorization_code', code, code_verifier: verifier, ...CLI }));
  }

  /** As an API key. @throws when refused */
  static async withKey(restUrl: string, clientId: string, clientSecret: string): Promise<AdminApi> {
    const nobody = AdminApi.anonymous(restUrl);
    return nobody.#withTokens(await nobody.form('/oauth/token', { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }));
  }

  /** JSON to a path below /admin/v1, or to a whole path that begins with a slash and another name. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RestAnswer> {
    return this.#fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<RestAnswer> {
    return this.#fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
  }

  #withTokens({ status, body }: RestAnswer): AdminApi {
    if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
    return new AdminApi(this.restUrl, body.access_token as string, body.refresh_token as string | undefined);
  }

  async #fetch(path: string, init: RequestInit): Promise<RestAnswer> {
    const whole = /^\/(oauth|\.well-known|admin)/.test(path) ? path : `/admin/v1${path}`;
    return answerOf(await fetch(this.restUrl + whole, { ...init, redirect: 'manual', signal: AbortSignal.timeout(GIVE_UP_MS) }));
  }
}
