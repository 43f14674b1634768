import { createHash, randomBytes } from 'node:crypto';
import type { Credentials } from './credentials.js';

const CLIENT = { client_id: 'parley-cli', redirect_uri: 'parley-cli:signed-in' };
const TIMEOUT_MS = 30_000;

/** An answer other than 2xx. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    description: string,
  ) {
    super(description);
    this.name = 'RefusedError';
  }
}

/** The admin API as one command uses it: signed in for as long as the command runs. */
export class AdminClient {
  #token: string | undefined;
  #refreshToken: string | undefined;

  constructor(private readonly restUrl: string) {}

  /** @throws RefusedError */
  async signIn(who: Credentials): Promise<void> {
    const grant = 'clientId' in who ? { grant_type: 'client_credentials', client_id: who.clientId, client_secret: who.clientSecret } : await this.#codeOf(who);
    const tokens = await this.#form<{ access_token: string; refresh_token?: string }>('/oauth/token', grant);
    this.#token = tokens.access_token;
    this.#refreshToken = tokens.refresh_token;
  }

  /** Leaves no session behind. */
  async signOut(): Promise<void> {
    if (this.#refreshToken === undefined) return;
    await this.#form('/oauth/revoke', { token: this.#refreshToken, client_id: CLIENT.client_id }).catch(() => undefined);
  }

  /** @throws RefusedError */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answerOf<T>(response);
  }

  /** All items of a list, page by page, up to `most`. */
  async all<T>(path: string, most = 10_000): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: String(Math.min(100, most - items.length)), ...(cursor ? { cursor } : {}) });
      const page = await this.call<{ items: T[]; cursor?: string }>('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined && items.length < most);
    return items;
  }

  /** The sign-in form, sent without a browser: the code stands in the redirect, which is not followed. */
  async #codeOf({ org, login, password }: { org: string; login: string; password: string }): Promise<Record<string, string>> {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const form = { response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256', ...CLIENT, org, login, password };
    const response = await this.#fetch('/oauth/authorize', { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
    const location = response.headers.get('location');
    const code = location && new URL(location).searchParams.get('code');
    if (!code) throw new RefusedError(response.status, response.status === 429 ? 'too many attempts to sign in: try again later' : `${login} cannot sign in: organisation, name or password is wrong`);
    return { grant_type: 'authorization_code', code, code_verifier: verifier, ...CLIENT };
  }

  async #form<T>(path: string, fields: Record<string, string>): Promise<T> {
    return answerOf<T>(await this.#fetch(path, { method: 'POST', body: new URLSearchParams(fields) }));
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.restUrl + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw new RefusedError(0, `${this.restUrl} cannot be reached: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`);
    }
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new RefusedError(response.status, descriptionOf(text) ?? `${response.status} ${response.statusText}`);
}

function descriptionOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error_description?: string }).error_description;
  } catch {
    return undefined;
  }
}
