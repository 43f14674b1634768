import { createLogger, startTelemetry } from '@parley/telemetry';
import { loadServiceConfig, start } from './start.js';

const log = createLogger('api');
const stopTelemetry = await startTelemetry('api');
const service = await start(loadServiceConfig());
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'stopping');
    void service
      .stop()
      .then(stopTelemetry)
      .finally(() => process.exit(0));
  });
}
