import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

export const upConfig = section('up', {
  home: setting(z.string().default('.parley'), { env: 'PARLEY_HOME', doc: 'Folder with data, logs, keys and endpoints.json.' }),
  host: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that the public servers listen on.' }),
  apiPort: setting(port(7380), { env: 'PARLEY_API_PORT', doc: 'Port of the REST API; 0 = any free port.' }),
  gatewayPort: setting(port(7390), { env: 'PARLEY_GATEWAY_PORT', doc: 'Port of the first gateway, the next has the next one; 0 = any free ports.' }),
  demoPort: setting(port(7370), { env: 'PARLEY_DEMO_PORT', doc: 'Port of the demo page; 0 = any free port.' }),
  postgresPort: setting(port(0), { env: 'PARLEY_POSTGRES_PORT', doc: 'Port of the embedded PostgreSQL; 0 = a free one, kept between runs.' }),
  natsPort: setting(port(0), { env: 'PARLEY_NATS_PORT', doc: 'Port of the embedded nats-server; 0 = a free one, kept between runs.' }),
  natsSyncInterval: setting(z.string().optional(), { env: 'PARLEY_NATS_SYNC_INTERVAL', doc: 'How often JetStream flushes to disk, e.g. 100ms.' }),
  operatorLogin: setting(z.string().default('operator'), { env: 'PARLEY_OPERATOR_LOGIN', doc: 'Name of the first platform operator.' }),
  operatorPassword: setting(z.string().optional(), {
    env: 'PARLEY_OPERATOR_PASSWORD',
    doc: 'Password of the first platform operator; without it one is made at the first start, shown once, and kept in operator.json of the home.',
    secret: true,
  }),
  databaseUrl: setting(z.string().optional(), { env: 'DATABASE_URL', doc: 'A PostgreSQL of yours instead of the embedded one.', secret: true }),
  natsUrl: setting(z.string().optional(), { env: 'NATS_URL', doc: 'A nats-server of yours instead of the embedded one.', secret: true }),
  certFile: setting(z.string().optional(), { env: 'PARLEY_TLS_CERT_FILE', doc: 'As for the edges: with it, and PARLEY_TLS_KEY_FILE, they speak HTTPS and WSS.' }),
  keyEncryptionKey: setting(z.string().optional(), { env: 'PARLEY_AUTH_KEY_ENCRYPTION_KEY', doc: 'As for auth; without it `up` makes one and keeps it in its folder.', secret: true }),
  authRpc: setting(z.string().optional(), { env: 'PARLEY_AUTH_RPC', doc: 'host:port of the auth service; without it a free port of this machine.' }),
  userRpc: setting(z.string().optional(), { env: 'PARLEY_USER_RPC', doc: 'host:port of the user service; without it a free port of this machine.' }),
  messageRpc: setting(z.string().optional(), { env: 'PARLEY_MESSAGE_RPC', doc: 'host:port of the message service; without it a free port of this machine.' }),
  fileRpc: setting(z.string().optional(), { env: 'PARLEY_FILE_RPC', doc: 'host:port of the file service; without it a free port of this machine.' }),
  fileHttp: setting(z.string().optional(), { env: 'PARLEY_FILE_HTTP', doc: "host:port of the file service's bytes; without it a free port of this machine." }),
  fileFolder: setting(z.string().optional(), { env: 'PARLEY_FILE_FOLDER', doc: 'Folder of attachments; without it `files` in the home folder.' }),
});

export interface UpConfig extends SectionValues<typeof upConfig> {
  /** One process for each service. */
  readonly processes: boolean;
  readonly gateways: number;
}

const MOST_GATEWAYS = 16;

/** The command's options and settings. @throws ConfigError */
export function readUpConfig(args: readonly string[], env: NodeJS.ProcessEnv): UpConfig {
  let values: { processes?: boolean; gateways?: string };
  try {
    values = parseArgs({ args: [...args], options: { processes: { type: 'boolean' }, gateways: { type: 'string' } } }).values;
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
  const gateways = Number(values.gateways ?? 1);
  if (!Number.isInteger(gateways) || gateways < 1 || gateways > MOST_GATEWAYS) {
    throw new ConfigError([`--gateways: a number from 1 to ${MOST_GATEWAYS}, not "${values.gateways}"`]);
  }
  return { ...loadConfig({ up: upConfig }, env).up, processes: values.processes ?? false, gateways };
}
