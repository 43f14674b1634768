import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { createLogger } from '@parley/telemetry';
import { BusError, toBusError } from './bus.error.js';
import { type Listener, Neighbours, type Responder } from './neighbours.js';
import type { Subscription } from './subscription.js';

const log = createLogger('bus');
const FAILED = 'Parley-Failed';
const TRACEPARENT = 'traceparent';
const PING_EVERY_MS = 5_000;
const EMPTY = new Uint8Array(0);

export interface LinkSubscription extends Subscription {
  /** Unsubscribes, and resolves when what had come already is handed over. */
  drain(): Promise<void>;
}

export interface LinkOptions {
  url: string;
  /** What nats-server calls the connection. */
  name: string;
}

/** By URL, once this process shares its links under a name. */
let shared: { readonly name: string; readonly links: Map<string, Promise<Link>> } | undefined;

/**
 * From now on the buses of this process that go to the same servers share one connection, and hand each other directly what
 * would come back over it. Other processes hear of everything as before.
 * @param name what nats-server calls that connection
 */
export function shareLinks(name: string): void {
  shared ??= { name, links: new Map() };
}

/** Opens a link, or joins the one that this process shares. Whoever opened it leaves it by `leave`. */
export async function openLink(options: LinkOptions): Promise<Link> {
  if (!shared) return Link.open(options, undefined);
  const { name, links } = shared;
  let link = links.get(options.url);
  if (!link) {
    link = Link.open({ ...options, name }, new Neighbours(), () => links.delete(options.url));
    links.set(options.url, link);
    link.catch(() => links.delete(options.url));
  }
  const opened = await link;
  opened.join();
  return opened;
}

/** Carries encoded messages between those who use one connection to NATS, and to and from all others. */
export class Link {
  #users = 0;
  #isOnline = true;

  private constructor(
    readonly connection: NatsConnection,
    private readonly neighbours: Neighbours | undefined,
    private readonly onLeft: () => void,
  ) {
    void this.#watch();
  }

  /** Connects and stays connected: a lost server is tried again for ever, with what is waiting sent afterwards. */
  static async open({ url, name }: LinkOptions, neighbours: Neighbours | undefined, onLeft = () => {}): Promise<Link> {
    const connection = await connect({
      servers: url.split(','),
      name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      waitOnFirstConnect: true,
      // Two that are not answered: the network has lost the connection without a word.
      pingInterval: PING_EVERY_MS,
      // Each request would note where it was made: a stack trace for every event published.
      noAsyncTraces: true,
      // What neighbours have heard already.
      noEcho: neighbours !== undefined,
    });
    return new Link(connection, neighbours, onLeft);
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  join(): void {
    this.#users++;
  }

  /** Of the last one it finishes what is under way, then disconnects. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return;
    this.onLeft();
    if (!this.connection.isClosed()) await this.connection.drain().catch(() => this.connection.close());
  }

  /** To all who listen. At most once. */
  publish(subject: string, news: Uint8Array): void {
    this.neighbours?.tell(subject, news);
    this.connection.publish(subject, news);
  }

  listen(subject: string, listener: Listener): LinkSubscription {
    const guarded: Listener = (news) => {
      try {
        listener(news);
      } catch (error) {
        log.error({ err: error, subject }, 'news could not be handled');
      }
    };
    return both(
      this.neighbours?.listen(subject, guarded),
      this.connection.subscribe(subject, {
        callback: (error, msg) => {
          if (error) return;
          // Whoever asks wants to know only whether anybody listens.
          if (msg.reply) msg.respond(EMPTY);
          else guarded(msg.data);
        },
      }),
    );
  }

  /** Answers requests, shared with the other replicas of the service. A responder that throws answers `remote`. */
  serve(subject: string, queue: string, responder: Responder): LinkSubscription {
    const logged: Responder = async (request, traceparent) => {
      try {
        return await responder(request, traceparent);
      } catch (error) {
        log.error({ err: error, subject }, 'request failed');
        throw error;
      }
    };
    return both(
      this.neighbours?.serve(subject, logged),
      this.connection.subscribe(subject, {
        queue,
        callback: (error, msg) => {
          if (!error) void reply(msg, logged);
        },
      }),
    );
  }

  /** @throws BusError unavailable | timeout | remote | closed */
  async ask(subject: string, request: Uint8Array, options: { traceparent: string; timeoutMs: number }): Promise<Uint8Array> {
    const near = this.neighbours?.ask(subject, request, options);
    if (near) return near;
    const { traceparent, timeoutMs: timeout } = options;
    let answer: Msg;
    try {
      answer = await this.connection.request(subject, request, { timeout, ...(traceparent === '' ? {} : { headers: traceHeaders(traceparent) }) });
    } catch (error) {
      throw toBusError(subject, error);
    }
    if (answer.headers?.has(FAILED)) throw new BusError('remote', subject);
    return answer.data;
  }

  /** Whether anybody listens. "No responders" is a definite no. @throws BusError timeout | closed */
  async hears(subject: string, timeoutMs: number): Promise<boolean> {
    if (this.neighbours?.hears(subject)) return true;
    try {
      await this.connection.request(subject, EMPTY, { timeout: timeoutMs });
      return true;
    } catch (error) {
      const failure = toBusError(subject, error);
      if (failure.kind === 'unavailable') return false;
      throw failure;
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') log.warn('nats-server is away');
      if (type === 'disconnect' || type === 'reconnect') this.#isOnline = type === 'reconnect';
    }
  }
}

class NearAndFar implements LinkSubscription {
  constructor(
    private readonly near: Subscription,
    private readonly far: LinkSubscription,
  ) {}

  unsubscribe(): void {
    this.near.unsubscribe();
    this.far.unsubscribe();
  }

  drain(): Promise<void> {
    this.near.unsubscribe();
    return this.far.drain();
  }
}

function both(near: Subscription | undefined, far: LinkSubscription): LinkSubscription {
  return near ? new NearAndFar(near, far) : far;
}

async function reply(msg: Msg, responder: Responder): Promise<void> {
  try {
    const answer = await responder(msg.data, msg.headers?.get(TRACEPARENT) ?? '');
    if (msg.reply) msg.respond(answer);
  } catch {
    if (!msg.reply) return;
    const failed = headers();
    failed.set(FAILED, '1');
    msg.respond(EMPTY, { headers: failed });
  }
}

function traceHeaders(traceparent: string) {
  const carrier = headers();
  carrier.set(TRACEPARENT, traceparent);
  return carrier;
}
