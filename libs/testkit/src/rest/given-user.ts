import { randomBytes } from 'node:crypto';
import type { Platform } from '../platform/endpoints.js';

export interface TestUser {
  readonly username: string;
  readonly password: string;
}

/** A name that no other test uses. */
export function uniqueName(prefix = 'user'): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** Registers a user with a unique name. */
export async function givenUser(platform: Platform, prefix = 'user'): Promise<TestUser> {
  const [user] = await givenUsers(platform, prefix);
  return user!;
}

/** Registers a user for each prefix, in one call. */
export async function givenUsers(platform: Platform, ...prefixes: string[]): Promise<TestUser[]> {
  const users = prefixes.map((prefix) => ({ username: uniqueName(prefix), password: randomBytes(9).toString('hex') }));
  const answer = await platform.rest.call('POST', '/users', { body: users });
  const created = (answer.body as { entities?: unknown[] }).entities?.length;
  if (answer.status !== 200 || created !== users.length) throw new Error(`users were not registered: ${answer.status} ${JSON.stringify(answer.body)}`);
  return users;
}
