/** What every service's `start(config)` resolves to: what the process entry and `standalone` hold on to. */
export interface RunningService {
  readonly name: string;
  /** Where it listens ("host:port"), for those that listen; the real port when the configured one was 0. */
  readonly address?: string;
  /** Where its health server listens ("host:port"), if it has one of its own. */
  readonly healthAddress?: string;
  /** Refuses new work, finishes what is running, releases everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** @param stop called once, however often the service is stopped */
export function runningService<Facts extends Omit<RunningService, 'stop'>>(facts: Facts, stop: () => Promise<void>): Facts & RunningService {
  let stopping: Promise<void> | undefined;
  return { ...facts, stop: () => (stopping ??= stop()) };
}
