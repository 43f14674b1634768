import { z } from 'zod';
import { section, type SectionValues, setting } from './config.js';

/** What every service with a store or a bus needs. */
export const infrastructureConfig = section('infrastructure', {
  databaseUrl: setting(z.string().default('postgresql://postgres@127.0.0.1:5432/parley'), {
    env: 'DATABASE_URL',
    doc: 'PostgreSQL 16 or later; each service keeps to its own schema.',
    secret: true,
  }),
  natsUrl: setting(z.string().default('nats://127.0.0.1:4222'), {
    env: 'NATS_URL',
    doc: 'nats-server 2.10 or later with JetStream; several servers separated by commas.',
    secret: true,
  }),
});
export type InfrastructureConfig = SectionValues<typeof infrastructureConfig>;

/** Where the gRPC services listen, for those who call them. */
export const addressesConfig = section('addresses', {
  authRpc: setting(z.string().default('127.0.0.1:7401'), { env: 'PARLEY_AUTH_RPC', doc: 'host:port of the auth service.' }),
  messageRpc: setting(z.string().default('127.0.0.1:7403'), { env: 'PARLEY_MESSAGE_RPC', doc: 'host:port of the message service.' }),
  userRpc: setting(z.string().default('127.0.0.1:7402'), { env: 'PARLEY_USER_RPC', doc: 'host:port of the user service.' }),
  fileRpc: setting(z.string().default('127.0.0.1:7407'), { env: 'PARLEY_FILE_RPC', doc: 'host:port of the file service.' }),
  fileHttp: setting(z.string().default('127.0.0.1:7408'), { env: 'PARLEY_FILE_HTTP', doc: 'host:port of the file service for the bytes of files. For the inner network only.' }),
});
export type AddressesConfig = SectionValues<typeof addressesConfig>;

/** Of each service that hashes passwords or secrets. */
export const hashCostLog2 = setting(z.coerce.number().int().min(10).max(20).default(14), {
  env: 'PARLEY_HASH_COST_LOG2',
  doc: 'What a new hash of a password or secret costs: scrypt with N = 2 to this power. One more doubles its time and its memory, which is 16 MiB at 14. Less than 14 is for tests only.',
});
