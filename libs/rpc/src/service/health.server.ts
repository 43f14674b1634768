import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a readiness check may take before it counts as "not ready". */
const READY_DEADLINE_MS = 2_000;

export interface HealthServerOptions {
  host: string;
  /** 0 = any free port. */
  port: number;
  /** Whether the service can do its work now: its database and bus answer. Throwing counts as no. */
  ready: () => Promise<boolean> | boolean;
}

export interface RunningHealthServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves /health/live (the process runs) and /health/ready (it can work: 200 or 503). Rejects when the port is taken. */
export async function startHealthServer(options: HealthServerOptions): Promise<RunningHealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/health/live') return answer(response, 200, 'live');
    if (path !== '/health/ready') return answer(response, 404, 'unknown path');
    void isReady(options.ready).then((ready) => answer(response, ready ? 200 : 503, ready ? 'ready' : 'not ready'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    address: `${options.host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A service's health server by its settings: none where the port is 0. Ready while all checks resolve. */
export async function serveHealth(
  { healthHost, healthPort }: { healthHost: string; healthPort: number },
  checks: readonly (() => Promise<unknown>)[],
): Promise<RunningHealthServer | undefined> {
  if (healthPort === 0) return undefined;
  return startHealthServer({
    host: healthHost,
    port: healthPort,
    ready: async () => {
      await Promise.all(checks.map((check) => check()));
      return true;
    },
  });
}

async function isReady(ready: HealthServerOptions['ready']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_DEADLINE_MS);
  });
  try {
    return await Promise.race([Promise.resolve(ready()), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status: text }));
}
