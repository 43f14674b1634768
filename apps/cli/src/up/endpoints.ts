import type { Addresses } from './parts/plan.js';

/** Content of endpoints.json: what a client, a script or a test needs to know. */
export interface Endpoints {
  restUrl: string;
  gatewayUrl: string;
  /** All of them; the first is gatewayUrl. */
  gatewayUrls: string[];
  org: string;
  app: string;
  appKey: string;
  clientId: string;
  clientSecret: string;
  demoUrl: string;
  /** host:port of the auth service, for the operator's tools and tests. */
  authRpc: string;
}

export const DEMO = { org: 'demo', app: 'chat' } as const;

/** A server that listens on every address is reached on the loopback one. */
export function reachableHost(host: string): string {
  return ['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host;
}

export function endpointsOf(at: Pick<Addresses, 'host' | 'apiPort' | 'gatewayPorts' | 'demoPort' | 'authRpc'>, client: { clientId: string; clientSecret: string }, tls: boolean): Endpoints {
  const [http, ws] = tls ? ['https', 'wss'] : ['http', 'ws'];
  const host = reachableHost(at.host);
  const gatewayUrls = at.gatewayPorts.map((port) => `${ws}://${host}:${port}/websocket`);
  return {
    restUrl: `${http}://${host}:${at.apiPort}`,
    gatewayUrl: gatewayUrls[0]!,
    gatewayUrls,
    org: DEMO.org,
    app: DEMO.app,
    appKey: `${DEMO.org}#${DEMO.app}`,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    demoUrl: `http://${host}:${at.demoPort}`,
    authRpc: at.authRpc,
  };
}
