import type { UpConfig } from '../up.config.js';

export interface Addresses {
  host: string;
  apiPort: number;
  gatewayPorts: readonly number[];
  demoPort: number;
  authRpc: string;
  userRpc: string;
  messageRpc: string;
  fileRpc: string;
  fileHttp: string;
  /** Where attachments are kept, unless a setting names another place. */
  fileFolder: string;
  databaseUrl: string;
  natsUrl: string;
}

export interface PlannedService {
  /** As in pids.json and the log's file name. */
  readonly name: string;
  /** The folder below apps/. */
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Which processes to start, in this order, and what each is told. */
export function planServices(config: Pick<UpConfig, 'processes'>, at: Addresses, extra: Record<string, string>): PlannedService[] {
  const env = {
    ...extra,
    PARLEY_HOST: at.host,
    PARLEY_API_PORT: String(at.apiPort),
    PARLEY_GATEWAY_PORT: String(at.gatewayPorts[0]),
    PARLEY_DEMO_PORT: String(at.demoPort),
    PARLEY_AUTH_RPC: at.authRpc,
    PARLEY_USER_RPC: at.userRpc,
    PARLEY_MESSAGE_RPC: at.messageRpc,
    PARLEY_FILE_RPC: at.fileRpc,
    PARLEY_FILE_HTTP: at.fileHttp,
    PARLEY_FILE_FOLDER: at.fileFolder,
    DATABASE_URL: at.databaseUrl,
    NATS_URL: at.natsUrl,
  };
  const one = (app: string): PlannedService => ({ name: app, app, env });
  const moreGateways = at.gatewayPorts.slice(1).map((port, index) => ({
    name: `gateway-${index + 2}`,
    app: 'gateway',
    env: { ...env, PARLEY_GATEWAY_PORT: String(port) },
  }));
  if (!config.processes) return [one('standalone'), ...moreGateways];
  return [one('auth'), one('user'), one('message'), one('file'), one('gateway'), ...moreGateways, one('api'), one('demo')];
}
