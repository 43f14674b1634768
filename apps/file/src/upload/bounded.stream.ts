import { DomainError } from '@parley/errors';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { HEAD_BYTES } from '../chatfile/content-type.rules.js';

/** Lets bytes through, up to a limit, counts them and keeps the beginning for sniffing. */
export class BoundedStream extends Transform {
  bytes = 0;
  readonly #head: Buffer[] = [];
  #headBytes = 0;

  constructor(private readonly mostBytes: number) {
    super({ highWaterMark: 256 * 1024 });
  }

  get head(): Buffer {
    return Buffer.concat(this.#head);
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > this.mostBytes) return done(new DomainError('file_too_large'));
    if (this.#headBytes < HEAD_BYTES) {
      const part = Buffer.from(chunk.subarray(0, HEAD_BYTES - this.#headBytes));
      this.#head.push(part);
      this.#headBytes += part.length;
    }
    done(null, chunk);
  }
}

/** The source with a limit. What breaks the source breaks it too. @param mostBytes beyond it: DomainError file_too_large */
export function bound(source: Readable, mostBytes: number): BoundedStream {
  const bounded = new BoundedStream(mostBytes);
  // Whoever reads it may not be there yet; he finds it broken then.
  bounded.on('error', () => undefined);
  // A broken source tells nobody who comes later.
  if (source.destroyed && !source.readableEnded) return bounded.destroy(source.errored ?? new Error('the source is gone'));
  source.once('error', (error) => bounded.destroy(error));
  return source.pipe(bounded);
}
