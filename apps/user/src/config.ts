import { addressesConfig, hashCostLog2, infrastructureConfig, loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

export const userConfig = section('user', {
  listen: setting(z.string().optional(), {
    env: 'PARLEY_USER_LISTEN',
    doc: 'host:port on which the user service listens; without it the address under which others call it.',
  }),
  healthHost: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that servers listen on.' }),
  healthPort: setting(z.coerce.number().int().min(0).max(65_535).default(0), {
    env: 'PARLEY_USER_HEALTH_PORT',
    doc: 'Port of /health/live and /health/ready of the user service; 0 = none.',
  }),
  poolSize: setting(z.coerce.number().int().min(1).max(100).default(4), {
    env: 'PARLEY_USER_POOL',
    doc: 'Database connections of the user service for logins and name look-ups (as many again for the rest).',
  }),
  hashConcurrency: setting(z.coerce.number().int().min(1).max(64).default(2), {
    env: 'PARLEY_USER_HASH_CONCURRENCY',
    doc: 'Passwords hashed at the same time; each takes one core for about 40 ms.',
  }),
  hashCostLog2,
});

export type UserConfig = SectionValues<typeof userConfig>;

/**
 * Everything that the user service reads from the environment.
 * @throws ConfigError with all problems together.
 */
export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig({ user: userConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
}

export type ServiceConfig = ReturnType<typeof loadServiceConfig>;
