import { client } from '@parley/msync';
import type { Platform } from '../platform/endpoints.js';
import type { TestUser } from '../rest/given-user.js';
import { Inbox } from './inbox.js';
import { nextClientId, RawClient } from './raw-client.js';

/** A message that the server has acknowledged. */
export interface Acknowledged {
  readonly clientId: bigint;
  readonly serverId: bigint;
}

/** The server's word on something sent: done, or refused for good with these words. */
export type Outcome = (Acknowledged & { readonly refused?: undefined }) | { readonly clientId: bigint; readonly refused: string };

const PAUSE_MS = 200;
/** Official SDKs ask after 30 to 60 s of silence; a test does not wait that long. */
const HEARTBEAT_MS = 5_000;
/** Shorter than the server's own patience: a try that is cut must be repeated under the same id. */
const ANSWER_WITHIN_MS = 6_000;

/**
 * A device that behaves as a good client through all faults: it comes back (to any gateway), and sends each message
 * again under its client id until it is acknowledged. Its messages to one peer go one after the other.
 */
export class PersistentDevice {
  readonly inbox = new Inbox();
  #raw: RawClient | undefined;
  #token = '';
  #stopped = false;
  #isAway = false;
  #turn = 0;
  /** Logins that succeeded, and tries that were not answered: signs that the faults were felt. */
  logins = 0;
  cuts = 0;
  #connecting: Promise<RawClient> | undefined;
  readonly #keeper: Promise<void>;

  constructor(
    private readonly platform: Platform,
    readonly user: TestUser,
    readonly resource: string,
    gateway = 0,
  ) {
    this.#turn = gateway;
    this.#keeper = this.#stayConnected();
  }

  /** Sends a text until acknowledged. @throws when the server refuses for good, or when stopped */
  async send(to: string, text: string): Promise<Acknowledged> {
    const outcome = await this.perform(to, client.textBody({ from: this.user.username, to, text }));
    if (outcome.refused !== undefined) throw new Error(`refused: ${outcome.refused}`);
    return outcome;
  }

  /** Sends a body of any type until the server has decided. @throws when stopped */
  async perform(to: string, payload: Uint8Array): Promise<Outcome> {
    const clientId = nextClientId();
    while (!this.#stopped) {
      const raw = await this.#connected();
      const answer = await withTimeout(raw.send({ to, id: clientId, payload }), ANSWER_WITHIN_MS);
      if (answer && (answer.status?.code ?? 0) === 0) return { clientId, serverId: answer.serverId };
      const reason = answer?.status?.reason ?? '';
      if (answer && !/temporarily unavailable|send failed|traffic limit/.test(reason)) return { clientId, refused: reason };
      this.cuts++;
      await pause();
    }
    throw new Error('stopped');
  }

  /** Its connection at the moment, or the last one it had. */
  get connection(): RawClient | undefined {
    return this.#raw;
  }

  /** Loses its network until `comeBack`. */
  goAway(): void {
    this.#isAway = true;
    this.#raw?.terminate();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#raw?.terminate();
    await this.#keeper;
  }

  async #stayConnected(): Promise<void> {
    for (let lastBeat = Date.now(); !this.#stopped; await pause()) {
      const raw = await this.#connected().catch(() => undefined);
      if (!raw || Date.now() - lastBeat < HEARTBEAT_MS) continue;
      raw.write(client.encodeUnread());
      lastBeat = Date.now();
    }
  }

  async #connected(): Promise<RawClient> {
    while (!this.#stopped) {
      if (this.#isAway) {
        await pause();
        continue;
      }
      if (this.#raw && !this.#raw.isClosed) return this.#raw;
      this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
      await this.#connecting.catch(() => pause());
    }
    throw new Error('stopped');
  }

  async #connect(): Promise<RawClient> {
    const { endpoints, rest } = this.platform;
    this.#token ||= await rest.userToken(this.user.username, this.user.password);
    const url = endpoints.gatewayUrls[this.#turn++ % endpoints.gatewayUrls.length]!;
    const raw = await RawClient.logIn(url, { appKey: endpoints.appKey, user: this.user.username, token: this.#token, resource: this.resource }, { inbox: this.inbox });
    this.logins++;
    this.#raw = raw;
    if (this.#isAway) raw.terminate();
    return raw;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** Undefined when late or failed: the caller tries again. */
async function withTimeout<T>(attempt: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([attempt.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

