import { user } from '@parley/contracts';
import type { Displacement } from './session.store.js';

/** One kick: this device's session ends unless it is the one that survives. */
export interface Kicked {
  appId: number;
  userId: bigint;
  resource: string;
  survivor: string;
  reason: string;
}

/**
 * The kicks for a batch: one for each device that gave way, however often it did. A device that gave way and signed in
 * again later in the batch keeps that last session, so the kick for the earlier one must spare it.
 */
export function kicksOf(
  logins: readonly user.OpenSession[],
  verdicts: readonly number[],
  displacements: readonly Displacement[],
): Kicked[] {
  if (displacements.length === 0) return [];
  const last = new Map<string, number>();
  logins.forEach((login, ord) => {
    if (verdicts[ord] === user.SessionVerdict.SESSION_VERDICT_OK) last.set(deviceKey(login, login.resource), ord);
  });
  const kicks = new Map<string, Kicked>();
  for (const { ord, resource } of displacements) {
    const by = logins[ord]!;
    const key = deviceKey(by, resource);
    const survivor = logins[Math.max(ord, last.get(key) ?? ord)]!.sessionId;
    kicks.set(key, { appId: by.tenant!.appId, userId: by.userId, resource, survivor, reason: by.loginExt });
  }
  return [...kicks.values()];
}

function deviceKey(login: user.OpenSession, resource: string): string {
  return `${login.tenant?.appId}:${login.userId}:${resource}`;
}
