export interface LoginLimits {
  readonly maxLoginsPerSecond: number;
  readonly maxLoginsOfAppPerSecond: number;
  readonly maxFailedLoginsOfAddressPerSecond: number;
}

/** A login that was let in. */
export interface Admitted {
  /** It did not prove to be of the app: it counts for its address, and not for the app. */
  failed(): void;
}

/**
 * Logins in a fixed window: a reconnect storm is let in at the rate that the services bear, the rest comes back. One app may
 * take only a part of it, so that its storm leaves others theirs; and whoever only names an app takes nothing from it.
 */
export class LoginAdmission {
  #second = 0;
  #admitted = 0;
  readonly #ofApps = new Map<string, number>();
  readonly #failedOfAddresses = new Map<string, number>();

  constructor(
    private readonly limits: LoginLimits,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param appKey as the client names it: nobody has looked at its token yet
   * @param address of the client, as callers are told apart
   */
  admit(appKey: string, address: string): Admitted | undefined {
    const second = Math.floor(this.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#admitted = 0;
      this.#ofApps.clear();
      this.#failedOfAddresses.clear();
    }
    const ofApp = this.#ofApps.get(appKey) ?? 0;
    if (this.#admitted >= this.limits.maxLoginsPerSecond || ofApp >= this.limits.maxLoginsOfAppPerSecond) return undefined;
    if ((this.#failedOfAddresses.get(address) ?? 0) >= this.limits.maxFailedLoginsOfAddressPerSecond) return undefined;
    this.#admitted++;
    this.#ofApps.set(appKey, ofApp + 1);
    return { failed: () => this.#failed(appKey, address, second) };
  }

  #failed(appKey: string, address: string, second: number): void {
    this.#failedOfAddresses.set(address, (this.#failedOfAddresses.get(address) ?? 0) + 1);
    if (second !== this.#second) return;
    this.#admitted--;
    this.#ofApps.set(appKey, this.#ofApps.get(appKey)! - 1);
  }
}
