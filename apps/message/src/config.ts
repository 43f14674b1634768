import { addressesConfig, infrastructureConfig, loadConfig, section, setting } from '@parley/config';
import { z } from 'zod';

export const messageConfig = section('message', {
  healthHost: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that the servers listen on.' }),
  listen: setting(z.string().optional(), {
    env: 'PARLEY_MESSAGE_LISTEN',
    doc: 'host:port on which the message service answers gRPC; without it the address under which others call it.',
  }),
  healthPort: setting(z.coerce.number().int().min(0).max(65_535).default(0), {
    env: 'PARLEY_MESSAGE_HEALTH_PORT',
    doc: 'Port of /health/live and /health/ready of the message service; 0 = none.',
  }),
  poolSize: setting(z.coerce.number().int().min(2).max(100).default(8), {
    env: 'PARLEY_MESSAGE_POOL_SIZE',
    doc: 'Database connections of one message service.',
  }),
  appendConcurrency: setting(z.coerce.number().int().min(1).max(16).default(2), {
    env: 'PARLEY_MESSAGE_APPEND_CONCURRENCY',
    doc: 'Commits under way at once. What arrives meanwhile is gathered into the next one, so no message waits for a timer.',
  }),
  appendBatch: setting(z.coerce.number().int().min(1).max(1024).default(512), {
    env: 'PARLEY_MESSAGE_APPEND_BATCH',
    doc: 'Most messages in one commit.',
  }),
  appendQueue: setting(z.coerce.number().int().min(1).default(20_000), {
    env: 'PARLEY_MESSAGE_APPEND_QUEUE',
    doc: 'Most messages waiting for a commit; beyond it senders are told to try again.',
  }),
  rememberDays: setting(z.coerce.number().int().min(1).max(90).default(7), {
    env: 'PARLEY_MESSAGE_REMEMBER_DAYS',
    doc: 'How long a repeated client id is answered with the first message id.',
  }),
  expirySweepMs: setting(z.coerce.number().int().min(50).max(60_000).default(1_000), {
    env: 'PARLEY_MESSAGE_EXPIRY_SWEEP_MS',
    doc: 'How often messages are looked for whose time to live has passed, in milliseconds.',
  }),
});

export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig({ message: messageConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
}
export type MessageServiceConfig = ReturnType<typeof loadServiceConfig>;
