import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take outgoing ports: nobody grabs such a port while its server restarts. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const TRIES = 50;
/** Free as well until somebody listens there, so that two who ask would be given the same. */
const given = new Set<number>();

/** Another program listens where one of ours must. */
export class PortTakenError extends Error {
  constructor(
    readonly host: string,
    readonly port: number,
    readonly usedFor: string,
  ) {
    super(`port ${port} on ${host} is taken by another program; it is needed for ${usedFor}`);
    this.name = 'PortTakenError';
  }
}

/** A TCP port that is free now on that host, and likely to stay so; nobody else in this process is given it. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(host, port)) return port;
  }
  throw new Error(`no free port found on ${host} between ${FIRST_PORT} and ${LAST_PORT}`);
}

/** Resolves if one could listen there. @throws PortTakenError otherwise. */
export async function assertPortFree(host: string, port: number, usedFor: string): Promise<void> {
  if (!(await canListen(host, port))) throw new PortTakenError(host, port, usedFor);
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
