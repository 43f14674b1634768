import type { AppSettingsDirectory } from '@parley/app-settings';
import { type Bus, requests } from '@parley/bus';
import type { trace } from '@parley/contracts';
import { counter, createLogger } from '@parley/telemetry';

const log = createLogger('gateway');
const dropped = counter('gateway', 'parley.trace.pushes.dropped', 'notes of what was written to devices that were not kept, for there were too many');

const FLUSH_EVERY_MS = 1_000;
/** Notes of one second. Beyond it traces have gaps, and messages go on as fast as ever. */
const MOST_PUSHES = 250;

/** Notes for traces of what was written to devices: gathered in memory, sent once a second. Bounded, at most once. */
export class PushMarks {
  #pushes: trace.Push[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly settings: Pick<AppSettingsDirectory, 'peek'>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** A page with these messages of a conversation was written to the device's connection. */
  note(push: Omit<trace.Push, 'atMs'>): void {
    if (this.#pushes.length >= MOST_PUSHES) return dropped.add(1);
    if (this.settings.peek(push.appId)?.traceDays !== 0) this.#pushes.push({ ...push, atMs: BigInt(Date.now()) });
  }

  async flush(): Promise<void> {
    const pushes = this.#pushes;
    if (pushes.length === 0) return;
    this.#pushes = [];
    try {
      await this.bus.request(requests.notePushes, { pushes });
    } catch (error) {
      dropped.add(pushes.length);
      log.warn({ err: error }, 'notes of what was written to devices are lost');
    }
  }
}
