import type { Tenant } from '@parley/contracts';
import { DomainError, isErrorCode } from '@parley/errors';
import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Nothing moves for this long: the client, or the file service, is gone. */
const STALLED_MS = 60_000;
/** A file service that is being started anew is waited for. */
const READY_WITHIN_MS = 5_000;
const LONGEST_ANSWER_BYTES = 64 * 1024;

/** What the file service answered to an upload. */
export interface UploadedFile {
  readonly uuid: string;
  readonly shareSecret: string;
  readonly sizeBytes: number;
  readonly contentType: string;
}

/** Passes bytes between clients and the file service as they come: nothing is held here, each side waits for the other. */
export class FileRelay {
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 32 });
  readonly #host: string;
  readonly #port: number;

  /**
   * @param address "host:port" of the file service's bytes
   * @param waitUntilReady resolves when the file service is there; at once as long as it is
   */
  constructor(
    address: string,
    private readonly waitUntilReady: (deadlineMs: number) => Promise<void>,
  ) {
    const colon = address.lastIndexOf(':');
    this.#host = address.slice(0, colon);
    this.#port = Number(address.slice(colon + 1));
  }

  /**
   * Passes the request's body on. When the file service answers before all of it has come, the rest stays with the client.
   * @throws DomainError what the file service says; file_missing when the body is no form; file_storage_unavailable when it is away
   */
  async up<T>(client: FastifyRequest, method: 'POST' | 'PUT', path: string, tenant: Tenant, headers: OutgoingHttpHeaders): Promise<T> {
    const { raw } = client;
    // Read here already, for it is no form. Its length without its bytes would swallow the next request on the connection.
    if (raw.readableDidRead) throw new DomainError('file_missing');
    await this.#ready();
    raw.setTimeout(STALLED_MS, () => raw.destroy());
    const passedOn = { 'content-type': raw.headers['content-type'], 'content-length': raw.headers['content-length'] };
    const upstream = this.#request(method, path, tenant, { ...defined(passedOn), ...headers });
    // A client that goes away takes its half of a file along.
    const gone = () => {
      if (!raw.complete) upstream.destroy();
    };
    raw.once('close', gone);
    raw.pipe(upstream);
    let done = false;
    try {
      const answer = await answerTo(upstream);
      if (answer.statusCode !== 200) throw errorOf(answer);
      const uploaded = JSON.parse(await textOf(answer)) as T;
      done = upstream.writableFinished;
      return uploaded;
    } finally {
      raw.off('close', gone);
      raw.unpipe(upstream);
      // Until then the file service takes what comes, so that its answer is not lost.
      if (!done) upstream.destroy();
    }
  }

  /**
   * Stores what comes from elsewhere; a secret is made, which downloads need.
   * @throws DomainError what breaks the content, when it is one; what the file service says; file_storage_unavailable when it is away
   */
  async store(tenant: Tenant, content: AsyncIterable<Uint8Array>, filename: string): Promise<UploadedFile> {
    await this.#ready();
    const boundary = randomUUID();
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'restrict-access': 'true' };
    const upstream = this.#request('POST', '/files', tenant, headers);
    const broken = pipeline(formOf(content, filename, boundary), upstream).then(
      () => undefined,
      (error: unknown) => error,
    );
    try {
      const answer = await answerTo(upstream);
      if (answer.statusCode !== 200) throw errorOf(answer);
      return JSON.parse(await textOf(answer)) as UploadedFile;
    } catch (error) {
      upstream.destroy();
      const cause = await broken;
      throw cause instanceof DomainError ? cause : error;
    }
  }

  /**
   * The answer of the file service, its bytes still to be read (or destroyed).
   * @throws DomainError what the file service says; file_storage_unavailable when it is away
   */
  async down(client: FastifyRequest, path: string, tenant: Tenant, headers: OutgoingHttpHeaders): Promise<IncomingMessage> {
    await this.#ready();
    client.raw.setTimeout(STALLED_MS, () => client.raw.destroy());
    const upstream = this.#request(client.method, path, tenant, headers);
    const gone = () => upstream.destroy();
    client.raw.socket.once('close', gone);
    upstream.once('close', () => client.raw.socket.off('close', gone));
    upstream.end();
    const answer = await answerTo(upstream);
    if (answer.statusCode! < 400) return answer;
    throw errorOf(answer);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ready(): Promise<void> {
    await this.waitUntilReady(READY_WITHIN_MS).catch((cause: unknown) => {
      throw new DomainError('file_storage_unavailable', {}, { cause });
    });
  }

  #request(method: string, path: string, tenant: Tenant, headers: OutgoingHttpHeaders) {
    const all = { ...headers, 'x-parley-tenant': JSON.stringify(tenant) };
    const upstream = httpRequest({ agent: this.#agent, host: this.#host, port: this.#port, method, path, headers: all });
    upstream.setTimeout(STALLED_MS, () => upstream.destroy(new Error('the file service does not answer')));
    return upstream;
  }
}

/** A form with one file. */
async function* formOf(content: AsyncIterable<Uint8Array>, filename: string, boundary: string): AsyncGenerator<Uint8Array | string> {
  yield `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename.replaceAll(/["\\\r\n]/g, '_')}"\r\n\r\n`;
  yield* content;
  yield `\r\n--${boundary}--\r\n`;
}

function answerTo(upstream: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    upstream.once('response', resolve);
    // Also after the response, when the call is ended before all was sent: nothing is left to reject then.
    upstream.on('error', (cause) => reject(new DomainError('file_storage_unavailable', {}, { cause })));
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  try {
    for await (const part of answer) if ((text += part as string).length > LONGEST_ANSWER_BYTES) break;
  } catch (cause) {
    throw new DomainError('file_storage_unavailable', {}, { cause });
  }
  return text;
}

/** What a refusal says in its header; its body says the same, and is thrown away. */
function errorOf(answer: IncomingMessage): DomainError {
  answer.resume();
  const told = answer.headers['x-parley-error'];
  if (typeof told !== 'string') return new DomainError('internal');
  const { code, params } = JSON.parse(decodeURIComponent(told)) as { code?: unknown; params?: Record<string, string> };
  return isErrorCode(code) ? new DomainError(code, params) : new DomainError('internal');
}

function defined(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
