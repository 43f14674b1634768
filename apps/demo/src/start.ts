import { type RunningService, runningService } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { DemoServiceConfig } from './config.js';
import { demoServer } from './page/demo.server.js';

export { loadServiceConfig } from './config.js';

/** Starts the web server of the demo page. @throws when the port is taken */
export async function start({ demo }: DemoServiceConfig): Promise<RunningService> {
  const log = createLogger('demo');
  const server = await demoServer(demo);
  const url = await server.listen({ host: demo.host, port: demo.port });
  log.info({ url }, 'demo page is ready');
  return runningService({ name: 'demo', address: new URL(url).host }, async () => server.close());
}
