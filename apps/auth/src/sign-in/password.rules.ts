import { DomainError } from '@parley/errors';

const SHORTEST = 10;
const LONGEST = 128;

/**
 * Length is what counts (NIST SP 800-63B): no rules about kinds of characters.
 * @throws DomainError admin_password_weak
 */
export function checkPassword(password: string, login: string): void {
  const length = [...password].length;
  if (length < SHORTEST || length > LONGEST) throw weak(`${SHORTEST} to ${LONGEST} characters`);
  if (new Set(password).size < 5) throw weak('too few different characters');
  if (password.toLowerCase().includes(login.toLowerCase())) throw weak('must not contain the login');
}

function weak(detail: string): DomainError {
  return new DomainError('admin_password_weak', { detail });
}
