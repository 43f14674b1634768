import type { Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { FileRelay, UploadedFile } from '../file/file.relay.js';

const log = createLogger('api');
const WITHIN_MS = 30_000;
const MOST_AT_ONCE = 8;

/**
 * Copies attachments of imported messages from elsewhere into the storage of the app. From the origins alone that the operator has
 * listed, and never by a redirect: a tenant must not make this server ask what only it can reach.
 */
export class AttachmentFetcher {
  readonly #origins: ReadonlySet<string>;
  #underWay = 0;

  constructor(
    origins: readonly string[],
    private readonly relay: Pick<FileRelay, 'store'>,
  ) {
    this.#origins = new Set(origins);
  }

  /** @throws DomainError import_source_forbidden | import_source_failed | unavailable, and what the file service says */
  async copy(tenant: Tenant, address: string, filename: string): Promise<UploadedFile> {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !this.#origins.has(url.origin) || url.username !== '' || url.password !== '') throw new DomainError('import_source_forbidden');
    if (this.#underWay >= MOST_AT_ONCE) throw new DomainError('unavailable');
    this.#underWay++;
    try {
      return await this.relay.store(tenant, content(url), filename);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'import_source_failed') log.warn({ err: error, origin: url.origin }, 'an attachment could not be fetched');
      throw error;
    } finally {
      this.#underWay--;
    }
  }
}

/** The bytes as they come. @throws DomainError import_source_failed */
async function* content(url: URL): AsyncGenerator<Uint8Array> {
  const ended = new AbortController();
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(WITHIN_MS)]);
    const answer = await fetch(url, { redirect: 'manual', headers: { 'accept-encoding': 'identity' }, signal });
    if (answer.status !== 200 || !answer.body) throw new DomainError('import_source_failed', { detail: `HTTP ${answer.status}` });
    yield* Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    throw new DomainError('import_source_failed', { detail: late ? 'it takes too long' : 'no answer, or it broke off' }, { cause });
  } finally {
    // Whoever took the bytes may have had enough of them.
    ended.abort();
  }
}
