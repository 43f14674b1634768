import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { DomainError } from '@parley/errors';
import type { Readable } from 'node:stream';

/** Beside the file only a few short fields are of use. */
const LIMITS = { fields: 16, files: 1, parts: 20, fieldNameSize: 64, fieldSize: 256, headerPairs: 16, headerSize: 8 * 1024 };

export interface MultipartForm<T> {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: T;
}

/**
 * Reads a form with one file, which is handed on while it arrives; the form is read at the pace of `consume`.
 * @param name of the file's part; a form with another file is refused
 * @throws DomainError file_missing | file_upload_malformed, and what `consume` throws
 */
export async function readForm<T>(
  source: Readable,
  contentType: string | undefined,
  name: string,
  consume: (content: Readable, filename: string) => Promise<T>,
): Promise<MultipartForm<T>> {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? '')) throw new DomainError('file_missing');
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let consumed: Promise<T> | undefined;
  let content: Readable | undefined;
  await new Promise<void>((resolve, reject) => {
    let form: BusboyInstance;
    try {
      form = new Busboy({ headers: { 'content-type': contentType } as BusboyHeaders, limits: LIMITS });
    } catch (error) {
      return reject(malformed((error as Error).message));
    }
    let ended = false;
    const fail = (error: Error) => {
      if (ended) return;
      ended = true;
      source.unpipe(form);
      content?.destroy(error);
      reject(error);
    };
    form.on('field', (field, value, nameCut, valueCut) => {
      if (nameCut || valueCut) return fail(malformed('a field is too long'));
      fields[field] = value;
    });
    form.on('file', (field, stream, filename) => {
      // Without a listener its breaking would end the process.
      stream.on('error', () => undefined);
      if (field !== name) {
        stream.resume();
        return fail(new DomainError('file_missing'));
      }
      content = stream;
      consumed = consume(stream, filename);
      consumed.catch(fail);
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) form.on(limit, () => fail(malformed('too many parts')));
    form.on('error', (error) => fail(malformed((error as Error).message)));
    form.on('finish', () => {
      if (ended) return;
      ended = true;
      resolve();
    });
    source.once('error', (error) => fail(error));
    // A connection that ends early: the last boundary will never come.
    source.once('close', () => {
      if (!source.readableEnded) fail(malformed('it ended early'));
    });
    source.pipe(form);
  }).catch(async (error: unknown) => {
    // Until it has let go of what it was doing, nothing may be tidied up.
    await consumed?.catch(() => undefined);
    throw error;
  });
  if (!consumed) throw new DomainError('file_missing');
  return { fields, file: await consumed };
}

function malformed(detail: string): DomainError {
  return new DomainError('file_upload_malformed', { detail: detail.slice(0, 100) });
}
