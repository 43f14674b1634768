import { createLogger, startTelemetry } from '@parley/telemetry';
import { loadServiceConfig, start } from './start.js';

const config = loadServiceConfig();
const endTelemetry = await startTelemetry('file');
const service = await start(config);

const end = async () => {
  await service.stop();
  await endTelemetry();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    end().catch((error: unknown) => {
      createLogger('file').error({ err: error }, 'stop failed');
      process.exit(1);
    });
  });
}
