/**
 * Logins in a fixed window: a reconnect storm is let in at the rate that the services bear, the rest comes back. One app may
 * take only a part of it, so that its storm leaves others theirs.
 */
export class LoginAdmission {
  #second = 0;
  #admitted = 0;
  readonly #ofApps = new Map<string, number>();

  constructor(
    private readonly limits: { maxLoginsPerSecond: number; maxLoginsOfAppPerSecond: number },
    private readonly now: () => number = Date.now,
  ) {}

  /** @param appKey as the client names it: nobody has looked at its token yet */
  admit(appKey: string): boolean {
    const second = Math.floor(this.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#admitted = 0;
      this.#ofApps.clear();
    }
    const ofApp = this.#ofApps.get(appKey) ?? 0;
    if (this.#admitted >= this.limits.maxLoginsPerSecond || ofApp >= this.limits.maxLoginsOfAppPerSecond) return false;
    this.#admitted++;
    this.#ofApps.set(appKey, ofApp + 1);
    return true;
  }
}
