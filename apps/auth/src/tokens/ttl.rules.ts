/** What "never expires" is told as: the largest number of seconds that every SDK can read (68 years). */
export const NEVER_SECONDS = 2_147_483_647;

/**
 * How long a new token lives.
 * @param asked seconds; 0 = for ever; absent or negative = as the app is set.
 * @returns `ttlSeconds` for the token (0 = never expires) and what to tell the caller.
 */
export function tokenLifetime(asked: bigint | undefined, appSeconds: number): { ttlSeconds: number; toldSeconds: bigint } {
  const seconds = asked === undefined || asked < 0n ? BigInt(appSeconds) : asked;
  if (seconds === 0n || seconds >= BigInt(NEVER_SECONDS)) return { ttlSeconds: 0, toldSeconds: BigInt(NEVER_SECONDS) };
  return { ttlSeconds: Number(seconds), toldSeconds: seconds };
}
