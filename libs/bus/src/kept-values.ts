import { DiscardPolicy, type JetStreamClient, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { keptStream } from './subjects.js';

/** The last value of each key, in JetStream. */
export class KeptValues {
  #ready: Promise<void> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly jetstream: JetStreamClient,
  ) {}

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#ensure();
    try {
      await this.jetstream.publish(keptStream.prefix + key, value);
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#ensure();
    const manager = await jetstreamManager(this.connection);
    const message = await manager.streams.getMessage(keptStream.name, { last_by_subj: keptStream.prefix + key });
    return message?.data;
  }

  /** Again after a failure, since the server may have come back empty. */
  #ensure(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #make(): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    const wanted = {
      name: keptStream.name,
      subjects: [`${keptStream.prefix}>`],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_msgs_per_subject: 1,
      max_age: nanos(keptStream.maxAgeMs),
      max_bytes: keptStream.maxBytes,
    };
    await manager.streams.add(wanted).catch(() => manager.streams.update(keptStream.name, wanted));
  }
}
