import type { Endpoints } from '../platform/endpoints.js';
import { GIVE_UP_MS } from '../wait/eventually.js';
import { answerOf, type RestAnswer } from './answer.js';

export interface RestCall {
  /** JSON; a string is sent as it is. */
  body?: unknown;
  /** Bearer token; null = no Authorization header; absent = the app's own. */
  token?: string | null;
  headers?: Record<string, string>;
}

/** The REST API of the app under test. Answers of every status are returned, none throws. */
export class RestClient {
  #appToken: Promise<string> | undefined;

  constructor(private readonly at: Pick<Endpoints, 'restUrl' | 'org' | 'app' | 'clientId' | 'clientSecret'>) {}

  /** What stands in front of every path: http://host:port/org/app */
  get base(): string {
    return `${this.at.restUrl}/${this.at.org}/${this.at.app}`;
  }

  /** The app token, asked for once. */
  appToken(): Promise<string> {
    this.#appToken ??= (async () => {
      const grant = { grant_type: 'client_credentials', client_id: this.at.clientId, client_secret: this.at.clientSecret };
      const answer = await this.call('POST', '/token', { body: grant, token: null });
      if (answer.status !== 200) throw new Error(`no app token: ${answer.status} ${JSON.stringify(answer.body)}`);
      return (answer.body as { access_token: string }).access_token;
    })();
    return this.#appToken;
  }

  /** A user's token by password. */
  async userToken(username: string, password: string, ttlSeconds?: number): Promise<string> {
    const grant = { grant_type: 'password', username, password, ...(ttlSeconds === undefined ? {} : { ttl: ttlSeconds }) };
    const answer = await this.call('POST', '/token', { body: grant, token: null });
    if (answer.status !== 200) throw new Error(`no token for ${username}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return (answer.body as { access_token: string }).access_token;
  }

  /** `path` is below the app, or a whole URL. */
  async call(method: string, path: string, { body, token, headers }: RestCall = {}): Promise<RestAnswer> {
    const bearer = token === undefined ? await this.appToken() : token;
    const response = await fetch(path.startsWith('http') ? path : `${this.base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    return answerOf(response);
  }
}
