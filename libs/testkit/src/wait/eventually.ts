const ASK_EVERY_MS = 25;
/** When a wait is given up. It says nothing of how fast something must be: machines that run tests may be slow and busy. */
export const GIVE_UP_MS = 20_000;

/**
 * Repeats `attempt` until it neither throws nor returns undefined or false, and returns its value.
 * @throws what the last attempt threw, or an error naming `what`, after `withinMs`
 */
export async function eventually<T>(
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = GIVE_UP_MS, everyMs = ASK_EVERY_MS, what = 'the condition' }: { withinMs?: number; everyMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw failure ?? new Error(`${what} did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/**
 * Proves that something stays away: for `forMs` the condition must hold all the time. Use it only after a sign that
 * everything before has arrived, and keep the time short.
 */
export async function never(happens: () => boolean, forMs: number, what: string): Promise<void> {
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    if (happens()) throw new Error(`${what}, which must not happen`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
