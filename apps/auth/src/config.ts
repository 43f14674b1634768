import { addressesConfig, infrastructureConfig, loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

export const authConfig = section('auth', {
  listen: setting(z.string().optional(), {
    env: 'PARLEY_AUTH_LISTEN',
    doc: 'host:port on which the auth service listens; without it the address under which others call it.',
  }),
  healthHost: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that servers listen on.' }),
  healthPort: setting(z.coerce.number().int().min(0).max(65_535).default(0), {
    env: 'PARLEY_AUTH_HEALTH_PORT',
    doc: 'Port of /health/live and /health/ready of the auth service; 0 = none.',
  }),
  hashConcurrency: setting(z.coerce.number().int().min(1).max(64).default(2), {
    env: 'PARLEY_AUTH_HASH_CONCURRENCY',
    doc: 'Client secrets checked at the same time; each takes one core for about 40 ms unless checked a moment ago.',
  }),
  appCacheMs: setting(z.coerce.number().int().min(0).max(600_000).default(10_000), {
    env: 'PARLEY_AUTH_APP_CACHE_MS',
    doc: 'How long the settings of an app are remembered, and so how late a change made by another replica is seen.',
  }),
});

export type AuthConfig = SectionValues<typeof authConfig>;

/**
 * Everything that the auth service reads from the environment.
 * @throws ConfigError with all problems together.
 */
export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig({ auth: authConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
}

export type ServiceConfig = ReturnType<typeof loadServiceConfig>;
