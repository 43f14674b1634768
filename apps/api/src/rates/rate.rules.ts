import { type RateName, ratesOf } from '@parley/app-settings';
import type { Operation } from '../http/operation.js';

/** More receivers than any call may have are refused anyway. */
const RECEIVERS_MOST = 600;

/** An app is held to its rates of what only its own may call: strangers could use up those of a public operation. */
export function isHeld({ root, admin, access }: Pick<Operation, 'root' | 'admin' | 'access'>): boolean {
  return !root && admin === undefined && !access.includes('public');
}

/** What concerns administrators, signed in or not. */
export function isAdministration({ path }: Pick<Operation, 'path'>): boolean {
  return path.startsWith('/admin/') || path.startsWith('/oauth/');
}

/** Without a token, one address has a third of an app's rate, so that it takes more than a few to use it up. */
export function ofStrangersAtOneAddress(limit: number): number {
  return Math.ceil(limit / 3);
}

/** The rates that an operation counts for: its own declaration, else what the table says of its path. */
export function ratesOfOperation({ method, path, rates }: Pick<Operation, 'method' | 'path' | 'rates'>): readonly RateName[] {
  return rates ?? ratesOf(method, path.replace('/:org/:app', ''));
}

/** How many messages a send is: each receiver counts. */
export function messagesOf(body: unknown): number {
  const { to, users } = (body ?? {}) as { to?: unknown; users?: unknown };
  const receivers = Array.isArray(users) ? users : to;
  return Array.isArray(receivers) ? Math.min(Math.max(new Set(receivers).size, 1), RECEIVERS_MOST) : 1;
}
