import { askLocally } from '../local.request.js';

/** An answer other than 2xx: its status, and the error's name in the envelope. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    description: string,
  ) {
    super(`${status} ${error}: ${description}`);
    this.name = 'RestError';
  }
}

const TIMEOUT_MS = 10_000;

/** The app's REST API, as a tenant's server uses it. */
export class RestClient {
  #token: string | undefined;

  constructor(
    private readonly base: string,
    private readonly certFile?: string,
  ) {}

  /** Takes an app token for all later calls. @throws RestError */
  async logIn(clientId: string, clientSecret: string): Promise<void> {
    const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    this.#token = (await this.call<{ access_token: string }>('POST', '/token', grant)).access_token;
  }

  /** @throws RestError */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await askLocally(`${this.base}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      certFile: this.certFile,
    });
    if (status < 200 || status > 299) {
      const envelope = envelopeOf(text);
      throw new RestError(status, envelope.error ?? 'unknown', envelope.error_description ?? '');
    }
    return JSON.parse(text) as T;
  }
}

function envelopeOf(text: string): { error?: string; error_description?: string } {
  try {
    return JSON.parse(text) as { error?: string; error_description?: string };
  } catch {
    return {};
  }
}
