import { DomainError } from '@parley/errors';

/** Where a page of reactors ended. */
export interface ReactionCursor {
  readonly atMicros: bigint;
  readonly userId: bigint;
}

const SHAPE = /^([0-9a-z]{1,12})-([0-9a-z]{1,13})$/;

/** Letters, digits and a hyphen: clients do not encode what they repeat. */
export function writeCursor({ atMicros, userId }: ReactionCursor): string {
  return `${atMicros.toString(36)}-${userId.toString(36)}`;
}

/** @throws DomainError illegal_argument for what is none of ours */
export function readCursor(text: string): ReactionCursor | undefined {
  if (text === '') return undefined;
  const found = SHAPE.exec(text);
  if (!found) throw new DomainError('illegal_argument', { detail: 'cursor is not valid' });
  const [atMicros, userId] = [fromBase36(found[1]!), fromBase36(found[2]!)];
  if (atMicros > MOST || userId > MOST) throw new DomainError('illegal_argument', { detail: 'cursor is not valid' });
  return { atMicros, userId };
}

const MOST = 2n ** 63n - 1n;

function fromBase36(text: string): bigint {
  return [...text].reduce((value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
}
