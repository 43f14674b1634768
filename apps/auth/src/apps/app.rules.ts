import { DomainError } from '@parley/errors';

const LEGAL = /^[a-z0-9][a-z0-9_.-]{0,63}$/;
const NEW = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Names of organisations and apps are case-insensitive: this is the form that is stored and compared. */
export function foldAppName(name: string): string {
  return name.toLowerCase();
}

/** Whether a folded name can stand in an AppKey (`org#app`), a path and a JID. */
export function isLegalAppName(folded: string): boolean {
  return LEGAL.test(folded);
}

/**
 * The `app_name` of a new app as it is stored. Narrower than what can stand in an AppKey: that is the vendor's rule, and
 * without `_` the app and the user in a JID (`org#app_user`) are told apart.
 * @throws DomainError app_name_illegal
 */
export function newAppName(text: string): string {
  const name = foldAppName(text);
  if (!NEW.test(name)) throw new DomainError('app_name_illegal');
  return name;
}
