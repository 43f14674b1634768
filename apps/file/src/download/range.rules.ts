import type { ByteRange } from '../storage/blob.storage.js';

/**
 * The bytes that a Range header asks for. Several ranges, other units and what does not parse are no range: the whole file
 * is the right answer then (RFC 9110).
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  if (match[1] === '') {
    const length = Number(match[2]);
    if (length === 0 || size === 0) return 'unsatisfiable';
    return { first: Math.max(size - length, 0), last: size - 1 };
  }
  const first = Number(match[1]);
  if (match[2] !== '' && Number(match[2]) < first) return 'whole';
  if (first >= size) return 'unsatisfiable';
  return { first, last: match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1) };
}

/** Whether an If-None-Match names this tag. */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => [etag, `W/${etag}`, '*'].includes(one.trim()));
}
