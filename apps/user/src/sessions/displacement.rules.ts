import type { user } from '@parley/contracts';
import type { Displacement } from './session.store.js';

/** One kick: the session that gives way. */
export interface Kicked {
  appId: number;
  userId: bigint;
  resource: string;
  sessionId: string;
  /** Text of the login that takes its place. */
  reason: string;
}

/** The kicks for a batch: one for each session that gave way. */
export function kicksOf(logins: readonly user.OpenSession[], displacements: readonly Displacement[]): Kicked[] {
  return displacements.map(({ ord, resource, sessionId }) => {
    const by = logins[ord]!;
    return { appId: by.tenant!.appId, userId: by.userId, resource, sessionId, reason: by.loginExt };
  });
}
