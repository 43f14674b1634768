import { DomainError } from '@parley/errors';

const MARKS = 20;

/** 0 to 19. @throws DomainError conversation_mark_illegal */
export function markNumber(mark: string): number {
  const number = /^mark_\d{1,2}$/.test(mark) ? Number(mark.slice(5)) : MARKS;
  if (number >= MARKS) throw new DomainError('conversation_mark_illegal');
  return number;
}
