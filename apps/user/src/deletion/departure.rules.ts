const DAY_MS = 86_400_000;

/** How long it is remembered that a name was somebody's. */
export const DEPARTED_REMEMBERED_MS = 30 * DAY_MS;
/** A token may be older than the user that it names: his server may have made it first. Beyond this nobody knows who had the name. */
const OLDER_THAN_USER_MS = DEPARTED_REMEMBERED_MS - DAY_MS;

/**
 * Since when tokens that others made count for a user, in ms since 1970. They carry a name, so those for whoever had it
 * before must not.
 */
export function foreignTokensCountFrom(user: { createdAt: Date; tokensValidFrom: Date | null }): number {
  return Math.max(user.createdAt.getTime() - OLDER_THAN_USER_MS, user.tokensValidFrom?.getTime() ?? 0);
}

/** Whether a token that somebody else made may make the user whom it names. */
export function mayMakeUser(issuedAtMs: number, nameFreeSince: Date | undefined, nowMs: number): boolean {
  return issuedAtMs >= foreignTokensCountFrom({ createdAt: new Date(nowMs), tokensValidFrom: nameFreeSince ?? null });
}
