import { createLogger, startTelemetry } from '@parley/telemetry';
import type { RunningService } from './running-service.js';

/**
 * The whole of a service's `main`: settings, telemetry, start; SIGTERM and SIGINT stop it in order. A service that cannot
 * start ends the process with its error.
 */
export async function runService<Config>(
  name: string,
  loadConfig: () => Config,
  start: (config: Config) => Promise<RunningService>,
): Promise<void> {
  const config = loadConfig();
  const endTelemetry = await startTelemetry(name);
  const service = await start(config);
  const log = createLogger(name);

  const end = async (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    await service.stop();
    await endTelemetry();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      end(signal).catch((error: unknown) => {
        log.error({ err: error }, 'stop failed');
        process.exit(1);
      });
    });
  }
}
