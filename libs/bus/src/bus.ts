import { jetstream, type JetStreamClient, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { live, presence } from '@parley/contracts';
import { createLogger, currentTraceparent, withRemoteParent } from '@parley/telemetry';
import { toBusError } from './bus.error.js';
import { type Codec, encoded } from './encoding.js';
import { ensureEventStream, startConsumer } from './event-stream.js';
import { KeptValues } from './kept-values.js';
import { type Link, type LinkOptions, type LinkSubscription, openLink } from './link.js';
import { type BroadcastSubject, type EventSubject, gatewaySubject, liveSubject, type RequestSubject } from './subjects.js';
import type { Subscription } from './subscription.js';

const log = createLogger('bus');
/** How long whoever tells something waits for the server to have it. */
const TELL_WITHIN_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;

/** A service's access to NATS: typed requests, live delivery and domain events. */
export class Bus {
  readonly #jetstream: JetStreamClient;
  readonly #consumers: { close(): Promise<unknown> }[] = [];
  readonly #subscriptions = new Set<LinkSubscription>();
  readonly #answering = new Set<Promise<unknown>>();
  #closed = false;
  #streamReady: Promise<void> | undefined;
  readonly #kept: KeptValues;

  private constructor(private readonly link: Link) {
    this.#jetstream = jetstream(link.connection, { timeout: 5_000 });
    this.#kept = new KeptValues(link.connection, this.#jetstream);
  }

  /** Connects and stays connected: a lost server is tried again for ever, with what is waiting sent afterwards. */
  static async connect(options: LinkOptions): Promise<Bus> {
    return new Bus(await openLink(options));
  }

  get connection(): NatsConnection {
    return this.link.connection;
  }

  /** Whether the server is there, as far as is known: a network that is silent without a word shows after 15 s. */
  get isOnline(): boolean {
    return this.link.isOnline;
  }

  /** Round trip to the server; rejects when it is away. For readiness. */
  async ping(): Promise<void> {
    await this.connection.rtt();
  }

  /**
   * Asks a service. Whoever asks must be able to ask again: after `timeout` nobody knows whether it was carried out.
   * @throws BusError unavailable | timeout | remote | closed
   */
  async request<Q, A>(to: RequestSubject<Q, A>, value: Q, { timeoutMs = ANSWER_WITHIN_MS }: { timeoutMs?: number } = {}): Promise<A> {
    const answer = await this.link.ask(to.subject, encoded(to.request, value), { traceparent: currentTraceparent(), timeoutMs });
    return to.answer.decode(answer);
  }

  /** Answers requests, shared with the other replicas of the service. A handler that throws answers `remote`. */
  serve<Q, A>({ subject, queue, request, answer }: RequestSubject<Q, A>, handler: (request: Q) => Promise<A>): Subscription {
    return new OfBus(
      this.#subscriptions,
      this.link.serve(subject, queue, (bytes, traceparent) => {
        const answering = withRemoteParent(traceparent, subject, async () => encoded(answer, await handler(request.decode(bytes))));
        this.#answering.add(answering);
        return answering.finally(() => this.#answering.delete(answering));
      }),
    );
  }

  /** Tells every process that listens. At most once. */
  broadcast<T>({ subject, codec }: BroadcastSubject<T>, value: T): void {
    this.link.publish(subject, encoded(codec, value));
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
  onBroadcast<T>({ subject, codec }: BroadcastSubject<T>, callback: (value: T) => void): Subscription {
    return this.#listen(subject, codec, callback);
  }

  /** Calls back whenever a lost connection is there again: what was told meanwhile was not heard. */
  onReconnect(callback: () => void): Subscription {
    let subscribed = true;
    const watch = async () => {
      for await (const status of this.connection.status()) {
        if (!subscribed || this.#closed) return;
        if (status.type === 'reconnect') callback();
      }
    };
    void watch();
    return { unsubscribe: () => void (subscribed = false) };
  }

  /** Sends to all gateways that hold sessions of the user. At most once. */
  publishLive(appId: number, userId: bigint, envelope: live.LiveEnvelope): void {
    this.link.publish(liveSubject(appId, userId), encoded(live.LiveEnvelope, envelope));
  }

  /** Interest in this subject is the session registry. */
  subscribeLive(appId: number, userId: bigint, callback: (envelope: live.LiveEnvelope) => void): Subscription {
    return this.#listen(liveSubject(appId, userId), live.LiveEnvelope, callback);
  }

  /** Whether any gateway holds a session of the user. @throws BusError timeout | closed: not known */
  probeOnline(appId: number, userId: bigint, timeoutMs = 2_000): Promise<boolean> {
    return this.link.hears(liveSubject(appId, userId), timeoutMs);
  }

  /** Sends to one gateway. At most once. */
  publishToGateway(gatewayId: string, news: presence.PresenceNews): void {
    this.link.publish(gatewaySubject(gatewayId), encoded(presence.PresenceNews, news));
  }

  /** What is sent to this gateway. */
  subscribeGateway(gatewayId: string, callback: (news: presence.PresenceNews) => void): Subscription {
    return this.#listen(gatewaySubject(gatewayId), presence.PresenceNews, callback);
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

  /** Answers what it was asked already, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#consumers.map((consumer) => consumer.close()));
    await Promise.allSettled([...this.#subscriptions].map((one) => one.drain()));
    await Promise.race([Promise.allSettled(this.#answering), new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref())]);
    await this.link.leave();
  }

  #listen<T>(subject: string, codec: Codec<T>, callback: (value: T) => void): Subscription {
    return new OfBus(this.#subscriptions, this.link.listen(subject, (news) => callback(codec.decode(news))));
  }
}

/** The link may outlive a bus: what is subscribed there ends with it. */
class OfBus implements Subscription {
  constructor(
    private readonly all: Set<LinkSubscription>,
    private readonly one: LinkSubscription,
  ) {
    all.add(one);
  }

  unsubscribe(): void {
    if (this.all.delete(this.one)) this.one.unsubscribe();
  }
}
