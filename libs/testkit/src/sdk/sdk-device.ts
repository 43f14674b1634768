import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Platform } from '../platform/endpoints.js';
import type { Json } from '../rest/answer.js';
import { eventually, GIVE_UP_MS } from '../wait/eventually.js';

export type SdkName = 'agora-chat' | 'easemob-websdk';

export interface SdkEvent {
  readonly name: string;
  // What the SDK hands to the application, as plain data.
  readonly data: Json;
}

export interface SdkOptions {
  /** Default agora-chat. */
  sdk?: SdkName;
  /** Which gateway, from 0. */
  gateway?: number;
  /** The resource becomes webim_web_<deviceId>. */
  deviceId?: string;
  /** Further options of the SDK's connection, e.g. `delivery: true`. */
  connection?: Record<string, unknown>;
  /** More environment for its process, e.g. NODE_EXTRA_CA_CERTS. */
  env?: Record<string, string>;
}

/** A promise of the SDK that was rejected, with the SDK's own error type. */
export class SdkRejection extends Error {
  constructor(
    message: string,
    readonly type: number | undefined,
    readonly data: unknown,
  ) {
    super(message);
    this.name = 'SdkRejection';
  }
}

interface WorkerMessage {
  ready?: true;
  id?: number;
  value?: unknown;
  error?: { type?: number; message?: string; data?: unknown };
  event?: string;
  data?: unknown;
  broke?: { message?: string; stack?: string };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

const WORKER = fileURLToPath(new URL('../../worker/sdk-worker.cjs', import.meta.url));
/** Longer than every time-out of the SDK itself. */
const ANSWER_WITHIN_MS = 25_000;
let created = 0;

/** One unmodified official SDK in a process of its own: a device of a user. */
export class SdkDevice {
  readonly events: SdkEvent[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #broke: Error | undefined;
  #stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    readonly sdk: SdkName,
    readonly resource: string,
  ) {}

  /** Starts the process and makes a connection object; nothing is sent yet. */
  static async create(platform: Platform, { sdk = 'agora-chat', gateway = 0, deviceId, connection = {}, env = {} }: SdkOptions = {}): Promise<SdkDevice> {
    const { endpoints } = platform;
    const id = deviceId ?? `dev${process.pid}x${++created}`;
    const child = fork(WORKER, [sdk], { env: { ...process.env, ...env }, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const device = new SdkDevice(child, sdk, `webim_web_${id}`);
    const ready = device.#listen();
    await ready;
    await device.#ask('create', [
      {
        appKey: endpoints.appKey,
        isHttpDNS: false,
        https: false,
        url: endpoints.gatewayUrls[gateway % endpoints.gatewayUrls.length],
        apiUrl: endpoints.restUrl,
        deviceId: id,
        ...connection,
      },
    ]);
    return device;
  }

  /** Logs in by password or token. @throws SdkRejection */
  open(login: { user: string; pwd?: string; accessToken?: string }): Promise<unknown> {
    return this.call('open', login);
  }

  /** Calls a method of the connection. @throws SdkRejection */
  call(method: string, ...args: unknown[]): Promise<Json> {
    return this.#ask('call', [method, args]);
  }

  /** Makes a message and sends it; resolves with the SDK's answer. @throws SdkRejection */
  send(options: Record<string, unknown>): Promise<{ localMsgId: string; serverMsgId: string }> {
    return this.#ask('send', [options]) as Promise<{ localMsgId: string; serverMsgId: string }>;
  }

  /** Sends a text to a user; resolves with the server's id. */
  async sendText(to: string, msg: string, more: Record<string, unknown> = {}): Promise<string> {
    return (await this.send({ type: 'txt', chatType: 'singleChat', to, msg, ...more })).serverMsgId;
  }

  /** Edits a message that was sent: `options` are those of the new one. @throws SdkRejection */
  modify(messageId: string, options: Record<string, unknown>): Promise<{ message: Record<string, unknown> }> {
    return this.#ask('modify', [messageId, options]) as Promise<{ message: Record<string, unknown> }>;
  }

  /** Cuts the connection without a word, as a network does. */
  dropSocket(): Promise<unknown> {
    return this.#ask('dropSocket', []);
  }

  /** Cuts the connection, and lets no new one through until `false`. */
  setOffline(offline: boolean): Promise<unknown> {
    return this.#ask('setOffline', [offline]);
  }

  /** Leaves the connection open, but nothing that comes is seen any more: a dead network that nobody has noticed. */
  stallSocket(): Promise<unknown> {
    return this.#ask('stallSocket', []);
  }

  /** The browser notices that its network is away. */
  loseNetwork(): Promise<unknown> {
    return this.#ask('loseNetwork', []);
  }

  /** The browser notices that its network is back. */
  regainNetwork(): Promise<unknown> {
    return this.#ask('regainNetwork', []);
  }

  /** The first event of that name (and content), seen already or still to come. */
  async event(name: string, matches: (data: Json) => boolean = () => true, withinMs = GIVE_UP_MS): Promise<Json> {
    const seen = await eventually(
      () => {
        return this.events.find((event) => event.name === name && matches(event.data)) ?? (this.#broke !== undefined ? { name, data: undefined } : undefined);
      },
      { withinMs, what: `${name} at ${this.resource}` },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; seen: ${this.events.map((event) => event.name).join(' ') || 'nothing'}`);
    });
    if (this.#broke) throw this.#broke;
    return seen.data;
  }

  /** Data of all events of that name so far, in order. */
  seen(name: string): Json[] {
    return this.events.filter((event) => event.name === name).map((event) => event.data as unknown);
  }

  /** Ends the process. @throws when the SDK broke on something that the server sent */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGKILL');
      await ended;
    }
    if (this.#broke) throw this.#broke;
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.on('message', (message: WorkerMessage) => {
        if (message.ready) resolve();
        else if (message.event !== undefined) this.events.push({ name: message.event, data: message.data });
        else if (message.broke) this.#break(new Error(`${this.sdk} broke: ${message.broke.stack ?? message.broke.message}`));
        else this.#settle(message);
      });
      this.child.once('exit', (code) => {
        reject(new Error(`${this.sdk} ended with ${code}`));
        if (!this.#stopping) this.#break(new Error(`${this.sdk} ended with ${code}`));
      });
    });
  }

  #settle({ id, value, error }: WorkerMessage): void {
    const waiting = this.#waiting.get(id!);
    if (!waiting) return;
    this.#waiting.delete(id!);
    clearTimeout(waiting.timer);
    if (error) waiting.reject(new SdkRejection(error.message ?? 'rejected', error.type, error.data));
    else waiting.resolve(value);
  }

  #break(error: Error): void {
    this.#broke ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#broke);
    }
    this.#waiting.clear();
  }

  #ask(command: string, args: unknown[]): Promise<unknown> {
    if (this.#broke) return Promise.reject(this.#broke);
    return new Promise((resolve, reject) => {
      const id = ++this.#calls;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.sdk} did not settle ${command} ${JSON.stringify(args[0])} within ${ANSWER_WITHIN_MS} ms`));
      }, ANSWER_WITHIN_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.child.send({ id, command, args });
    });
  }
}
