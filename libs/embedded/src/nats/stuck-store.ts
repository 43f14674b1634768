import { statfs } from 'node:fs/promises';

/** With less than this JetStream would fail again soon. */
const ROOM_BYTES = 64 * 1024 * 1024;

/**
 * A JetStream store that once failed to write (a full disk) refuses every later write until its server is started anew,
 * also when there is room again. Hears of it in the server's log.
 */
export class StuckStore {
  #looking = false;

  constructor(
    private readonly folder: string,
    private readonly onStuck: () => void,
    private readonly freeBytes: (folder: string) => Promise<number> = freeBytesOf,
  ) {}

  /** A line of the server's log. */
  hear(line: string): void {
    if (this.#looking || !/failed to store a msg|no space left|insufficient (storage )?resources|resource limits exceeded/i.test(line)) return;
    this.#looking = true;
    void this.freeBytes(this.folder)
      .then((free) => {
        if (free >= ROOM_BYTES) this.onStuck();
      })
      .catch(() => undefined)
      .finally(() => (this.#looking = false));
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
