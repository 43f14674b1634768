import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Incarnation, startServerProcess } from '@parley/embedded';
import type { Home } from '../home/home.js';
import type { PlannedService } from './plan.js';

/**
 * A small young generation: a gateway's connections live long, and V8's default lets garbage of logins grow to a
 * multiple of what they hold (15.9 against 4.0 KiB for each of 5,000 idle connections, for about a tenth of the throughput).
 */
const NODE_FLAGS = ['--max-semi-space-size=8'];

/** Starts a built service as a child that writes straight into its log file. @throws Error if it was not built */
export async function launchService(service: PlannedService, home: Home): Promise<Incarnation> {
  const script = fileURLToPath(new URL(`../../../../${service.app}/dist/main.js`, import.meta.url));
  if (!existsSync(script)) throw new Error(`${service.app} is not built (${script} is missing): run npm run build`);
  const log = home.openLog(service.name);
  try {
    return await startServerProcess({
      name: service.name,
      command: process.execPath,
      args: [...NODE_FLAGS, script],
      spawn: { env: { ...process.env, ...service.env }, stdio: ['ignore', log, log] },
      log: () => undefined,
      stopSignals: ['SIGTERM', 'SIGKILL'],
      orphanSignal: 'TERM',
    });
  } finally {
    closeSync(log);
  }
}
