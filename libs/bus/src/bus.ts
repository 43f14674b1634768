import { jetstream, type JetStreamClient, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { connect, errors, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { live, presence } from '@parley/contracts';
import { createLogger, currentTraceparent, withRemoteParent } from '@parley/telemetry';
import { BusError } from './bus.error.js';
import { encoded } from './encoding.js';
import { ensureEventStream, startConsumer } from './event-stream.js';
import { KeptValues } from './kept-values.js';
import { type BroadcastSubject, type EventSubject, gatewaySubject, liveSubject, type RequestSubject } from './subjects.js';

const log = createLogger('bus');
const FAILED = 'Parley-Failed';
const TRACEPARENT = 'traceparent';
const PING_EVERY_MS = 5_000;
const EMPTY = new Uint8Array(0);
/** How long whoever tells something waits for the server to have it. */
const TELL_WITHIN_MS = 1_000;
const PROBE = encoded(live.LiveEnvelope, live.LiveEnvelope.fromPartial({ probe: true }));

export interface LiveSubscription {
  unsubscribe(): void;
}

/** One process's connection to NATS: typed requests, live delivery and domain events. */
export class Bus {
  readonly #jetstream: JetStreamClient;
  readonly #consumers: { close(): Promise<unknown> }[] = [];
  #streamReady: Promise<void> | undefined;
  readonly #kept: KeptValues;

  private constructor(readonly connection: NatsConnection) {
    this.#jetstream = jetstream(connection, { timeout: 5_000 });
    this.#kept = new KeptValues(connection, this.#jetstream);
  }

  /** Connects and stays connected: a lost server is tried again for ever, with what is waiting sent afterwards. */
  static async connect(options: { url: string; name: string }): Promise<Bus> {
    const connection = await connect({
      servers: options.url.split(','),
      name: options.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      waitOnFirstConnect: true,
      // Two that are not answered: the network has lost the connection without a word.
      pingInterval: PING_EVERY_MS,
      // Each request would note where it was made: a stack trace for every event published.
      noAsyncTraces: true,
    });
    return new Bus(connection);
  }

  get connected(): boolean {
    return !this.connection.isClosed();
  }

  /** Round trip to the server; rejects when it is away. For readiness. */
  async ping(): Promise<void> {
    await this.connection.rtt();
  }

  /**
   * Asks a service. Whoever asks must be able to ask again: after `timeout` nobody knows whether it was carried out.
   * @throws BusError unavailable | timeout | remote | closed
   */
  async request<Q, A>(subject: RequestSubject<Q, A>, value: Q, options: { timeoutMs?: number } = {}): Promise<A> {
    const traceparent = currentTraceparent();
    let reply: Msg;
    try {
      reply = await this.connection.request(subject.subject, encoded(subject.request, value), {
        timeout: options.timeoutMs ?? 5_000,
        ...(traceparent === '' ? {} : { headers: traceHeaders(traceparent) }),
      });
    } catch (error) {
      throw toBusError(subject.subject, error);
    }
    if (reply.headers?.has(FAILED)) throw new BusError('remote', subject.subject);
    return subject.answer.decode(reply.data);
  }

  /** Answers requests, shared with the other replicas of the service. A handler that throws answers `remote`. */
  serve<Q, A>(subject: RequestSubject<Q, A>, handler: (request: Q) => Promise<A>): LiveSubscription {
    return this.connection.subscribe(subject.subject, {
      queue: subject.queue,
      callback: (error, msg) => {
        if (error) return;
        void answer(subject, handler, msg);
      },
    });
  }

  /** Tells every process that listens. At most once. */
  broadcast<T>({ subject, codec }: BroadcastSubject<T>, value: T): void {
    this.connection.publish(subject, encoded(codec, value));
  }

  /**
   * Broadcasts, and resolves when the server has it: what listeners are asked after that, they answer with the news in mind.
   * Resolves all the same when that takes longer than a second or fails, since whoever listens also has another way to learn of it.
   */
  async tell<T>(subject: BroadcastSubject<T>, value: T): Promise<void> {
    try {
      this.broadcast(subject, value);
      await Promise.race([this.flush(), new Promise((resolve) => setTimeout(resolve, TELL_WITHIN_MS).unref())]);
    } catch (error) {
      log.warn({ err: error, subject: subject.subject }, 'news will be seen later');
    }
  }

  /** Hears what is broadcast while it is connected. */
  onBroadcast<T>({ subject, codec }: BroadcastSubject<T>, callback: (value: T) => void): LiveSubscription {
    return this.connection.subscribe(subject, {
      callback: (error, msg) => {
        if (error) return;
        try {
          callback(codec.decode(msg.data));
        } catch (failure) {
          log.error({ err: failure, subject }, 'broadcast could not be handled');
        }
      },
    });
  }

  /** Calls back whenever a lost connection is there again: what was told meanwhile was not heard. */
  onReconnect(callback: () => void): LiveSubscription {
    let subscribed = true;
    const watch = async () => {
      for await (const status of this.connection.status()) {
        if (!subscribed) return;
        if (status.type === 'reconnect') callback();
      }
    };
    void watch();
    return { unsubscribe: () => void (subscribed = false) };
  }

  /** Sends to all gateways that hold sessions of the user. At most once. */
  publishLive(appId: number, userId: bigint, envelope: live.LiveEnvelope): void {
    this.connection.publish(liveSubject(appId, userId), encoded(live.LiveEnvelope, envelope));
  }

  /** Interest in this subject is the session registry. A probe is answered here, before the callback would see it. */
  subscribeLive(appId: number, userId: bigint, callback: (envelope: live.LiveEnvelope) => void): LiveSubscription {
    return this.connection.subscribe(liveSubject(appId, userId), {
      callback: (error, msg) => {
        if (error) return;
        if (msg.reply) {
          msg.respond(EMPTY);
          return;
        }
        callback(live.LiveEnvelope.decode(msg.data));
      },
    });
  }

  /** Sends to one gateway. At most once. */
  publishToGateway(gatewayId: string, news: presence.PresenceNews): void {
    this.connection.publish(gatewaySubject(gatewayId), encoded(presence.PresenceNews, news));
  }

  /** What is sent to this gateway. */
  subscribeGateway(gatewayId: string, callback: (news: presence.PresenceNews) => void): LiveSubscription {
    return this.connection.subscribe(gatewaySubject(gatewayId), {
      callback: (error, msg) => {
        if (!error) callback(presence.PresenceNews.decode(msg.data));
      },
    });
  }

  /** Whether any gateway holds a session of the user. "No responders" is a definite no. */
  async probeOnline(appId: number, userId: bigint, timeoutMs = 2_000): Promise<boolean> {
    try {
      await this.connection.request(liveSubject(appId, userId), PROBE, { timeout: timeoutMs });
      return true;
    } catch (error) {
      const failure = toBusError('probe', error);
      if (failure.kind === 'unavailable') return false;
      throw failure;
    }
  }

  /** Everything published so far has reached the server when this resolves. */
  async flush(): Promise<void> {
    await this.connection.flush();
  }

  /**
   * Publishes a domain event and resolves when JetStream has taken it. The same dedupeId within two minutes is one event.
   * @throws BusError when it was not taken.
   */
  async publishEvent<T>(event: EventSubject<T>, appId: number, value: T, options: { dedupeId?: string } = {}): Promise<void> {
    await this.ensureStream();
    const subject = `evt.${appId}.${event.suffix}`;
    try {
      await this.#jetstream.publish(subject, encoded(event.codec, value), {
        ...(options.dedupeId ? { msgID: options.dedupeId } : {}),
      });
    } catch (error) {
      this.#streamReady = undefined;
      throw toBusError(subject, error);
    }
  }

  /** Consumes events of all apps under a durable name, redelivered until the handler succeeds. */
  async consumeEvents<T>(event: EventSubject<T>, durable: string, handler: (value: T) => Promise<void>): Promise<void> {
    await this.ensureStream();
    const consumer = await startConsumer(this.connection, `evt.*.${event.suffix}`, durable, async (msg: JsMsg) => {
      await handler(event.codec.decode(msg.data));
    });
    this.#consumers.push(consumer);
  }

  /** Makes the event stream if it is missing; again after a failure, since the server may have come back empty. */
  ensureStream(): Promise<void> {
    this.#streamReady ??= jetstreamManager(this.connection)
      .then(ensureEventStream)
      .catch((error: unknown) => {
        this.#streamReady = undefined;
        throw toBusError('event stream', error);
      });
    return this.#streamReady;
  }

  /** Keeps the value as the last one of the key, for two days. @throws BusError when it was not taken */
  async keepLast(key: string, value: Uint8Array): Promise<void> {
    await this.#kept.put(key, value).catch((error: unknown) => {
      throw toBusError(`keep ${key}`, error);
    });
  }

  /** The last value that was kept under the key. @throws BusError */
  async lastKept(key: string): Promise<Uint8Array | undefined> {
    return this.#kept.get(key).catch((error: unknown) => {
      throw toBusError(`kept ${key}`, error);
    });
  }

  /** Finishes what is under way, then disconnects. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#consumers.map((consumer) => consumer.close()));
    if (!this.connection.isClosed()) await this.connection.drain().catch(() => this.connection.close());
  }
}

async function answer<Q, A>(subject: RequestSubject<Q, A>, handler: (request: Q) => Promise<A>, msg: Msg): Promise<void> {
  try {
    const request = subject.request.decode(msg.data);
    const traceparent = msg.headers?.get(TRACEPARENT) ?? '';
    const result = await withRemoteParent(traceparent, subject.subject, () => handler(request));
    if (msg.reply) msg.respond(encoded(subject.answer, result));
  } catch (error) {
    log.error({ err: error, subject: subject.subject }, 'request failed');
    if (msg.reply) {
      const failed = headers();
      failed.set(FAILED, '1');
      msg.respond(EMPTY, { headers: failed });
    }
  }
}

function traceHeaders(traceparent: string) {
  const carrier = headers();
  carrier.set(TRACEPARENT, traceparent);
  return carrier;
}

function toBusError(subject: string, error: unknown): BusError {
  if (error instanceof BusError) return error;
  if (error instanceof errors.NoRespondersError) return new BusError('unavailable', subject, { cause: error });
  if (error instanceof errors.RequestError && error.isNoResponders()) return new BusError('unavailable', subject, { cause: error });
  if (error instanceof errors.TimeoutError) return new BusError('timeout', subject, { cause: error });
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return new BusError('closed', subject, { cause: error });
  }
  return new BusError('timeout', subject, { cause: error });
}

