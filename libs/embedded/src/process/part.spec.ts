import { describe, expect, it } from '@jest/globals';
import type { Exit } from './server-process.js';
import { Part, type PartEvents } from './part.js';

describe('a supervised part', () => {
  it('is started again when it dies, until it is stopped', async () => {
    const world = new World();
    const part = new Part('thing', () => world.launch(), world.events);
    await part.start();
    world.die();
    await world.seen('thing again 2');
    await part.stop();
    world.die();
    expect(world.told).toEqual(['thing pid 1', 'thing pid undefined', 'thing died SIGKILL', 'thing pid 2', 'thing again 2', 'thing pid undefined']);
    expect(part.deaths).toBe(1);
  });

  it('keeps trying when a restart fails', async () => {
    const world = new World();
    const part = new Part('thing', () => world.launch(), world.events);
    await part.start();
    world.failures = 1;
    world.die();
    await world.seen('thing again 2');
    expect(world.told).toContain('thing failed: no luck');
    await part.stop();
  });

  it('does not outlive a stop that comes while it starts', async () => {
    const world = new World();
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const part = new Part('thing', () => gate.then(() => world.launch()), world.events);
    const starting = part.start();
    const stopping = part.stop();
    finish();
    await Promise.all([starting, stopping]);
    expect(world.told).toEqual(['thing pid 1', 'thing pid undefined']);
  });

  it('tells the caller why the first start failed', async () => {
    const world = new World();
    world.failures = 1;
    await expect(new Part('thing', () => world.launch(), world.events).start()).rejects.toThrow('no luck');
  });
});

class World {
  readonly told: string[] = [];
  failures = 0;
  #pid = 0;
  #end: (exit: Exit) => void = () => undefined;
  #waiting: { line: string; resolve: () => void } | undefined;

  readonly events: PartEvents = {
    pidChanged: (name, pid) => this.#tell(`${name} pid ${pid}`),
    died: (name, how) => this.#tell(`${name} died ${how}`),
    cannotRestart: (name, reason) => this.#tell(`${name} failed: ${reason}`),
    restarted: (name) => this.#tell(`${name} again ${this.#pid}`),
  };

  async launch() {
    if (this.failures-- > 0) throw new Error('no luck');
    const exited = new Promise<Exit>((resolve) => (this.#end = resolve));
    return {
      pid: ++this.#pid,
      exited,
      stop: async () => {
        this.#end({ code: 0, signal: null });
        await exited;
      },
    };
  }

  die(): void {
    this.#end({ code: null, signal: 'SIGKILL' });
  }

  seen(line: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.told.includes(line)) resolve();
      else this.#waiting = { line, resolve };
    });
  }

  #tell(line: string): void {
    this.told.push(line);
    if (this.#waiting?.line === line) this.#waiting.resolve();
  }
}
