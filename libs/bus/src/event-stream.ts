import {
  AckPolicy,
  type ConsumerMessages,
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { createLogger } from '@parley/telemetry';
import { eventStream } from './subjects.js';

const log = createLogger('bus');

/** nats-server's number for "the disk has no room for what this stream may grow to". */
const NO_ROOM = 10_047;
const LEAST_BYTES = 64 * 1024 * 1024;

/**
 * Creates or updates the stream of domain events; idempotent. nats-server sets the stream's greatest size aside, so on a
 * small disk the stream gets half as much, and half again, until it fits.
 */
export async function ensureEventStream(manager: JetStreamManager): Promise<void> {
  for (let bytes: number = eventStream.maxBytes; ; bytes /= 2) {
    try {
      return await makeEventStream(manager, bytes);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== NO_ROOM || bytes / 2 < LEAST_BYTES) throw error;
      log.warn({ bytes }, 'the disk of nats-server has no room for this many bytes of events, trying with half');
    }
  }
}

async function makeEventStream(manager: JetStreamManager, maxBytes: number): Promise<void> {
  const wanted = {
    name: eventStream.name,
    subjects: [...eventStream.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(eventStream.maxAgeMs),
    max_bytes: maxBytes,
    duplicate_window: nanos(eventStream.duplicateWindowMs),
  };
  try {
    await manager.streams.add(wanted);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_ROOM) throw error;
    await manager.streams.update(eventStream.name, wanted);
  }
}

/**
 * Runs a durable consumer for as long as the connection lives. A failed event is redelivered after a second, the rest
 * go on; a consumer that ended (server gone, stream made anew) is set up again.
 */
export async function startConsumer(
  connection: NatsConnection,
  filter: string,
  durable: string,
  handle: (msg: JsMsg) => Promise<void>,
): Promise<{ close(): Promise<unknown> }> {
  let closed = false;
  let current: ConsumerMessages | undefined;

  const open = async () => {
    const manager = await jetstreamManager(connection);
    await ensureEventStream(manager);
    await manager.consumers.add(eventStream.name, {
      durable_name: durable,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(30_000),
      max_ack_pending: 256,
    });
    const consumer = await jetstream(connection).consumers.get(eventStream.name, durable);
    return consumer.consume({ max_messages: 64 });
  };

  const run = async (messages: ConsumerMessages) => {
    for await (const msg of messages) {
      try {
        await handle(msg);
        msg.ack();
      } catch (error) {
        log.error({ err: error, durable, subject: msg.subject }, 'event failed, will come again');
        msg.nak(1_000);
      }
    }
  };

  current = await open();
  const loop = (async () => {
    for (;;) {
      try {
        await run(current);
      } catch (error) {
        log.warn({ err: error, durable }, 'event consumer ended');
      }
      while (!closed && !connection.isClosed()) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        try {
          current = await open();
          break;
        } catch (error) {
          log.warn({ err: error, durable }, 'event consumer cannot start');
        }
      }
      if (closed || connection.isClosed()) return;
    }
  })();
  return {
    close: async () => {
      closed = true;
      await current?.close();
      await Promise.race([loop, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
  };
}
