import { addressesConfig, infrastructureConfig, loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

const KEY_BYTES = 32;
const encryptionKeys = z
  .string()
  .optional()
  .transform((text, context) =>
    (text ?? '').split(',').flatMap((one) => {
      if (one.trim() === '') return [];
      const key = /^[0-9a-f]{64}$/i.test(one.trim()) ? Buffer.from(one.trim(), 'hex') : Buffer.from(one.trim(), 'base64');
      if (key.length !== KEY_BYTES) context.addIssue({ code: 'custom', message: 'each key must be 32 bytes in base64 or hex' });
      return [new Uint8Array(key)];
    }),
  );

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
  keyEncryptionKeys: setting(encryptionKeys, {
    env: 'PARLEY_AUTH_KEY_ENCRYPTION_KEY',
    doc: 'Encrypts private keys and certificates in the database: 32 bytes in base64 or hex. To replace it: the new one, a comma, the old one. Without it they lie open, and what needs a readable secret (AccessToken2, dynamic tokens) is off.',
    secret: true,
  }),
  keyRotationDays: setting(z.coerce.number().int().min(0).max(3_650).default(90), {
    env: 'PARLEY_AUTH_KEY_ROTATION_DAYS',
    doc: 'How long a key signs tokens before the next one takes over; 0 = only on demand.',
  }),
  keyLeadMinutes: setting(z.coerce.number().int().min(0).max(10_080).default(60), {
    env: 'PARLEY_AUTH_KEY_LEAD_MINUTES',
    doc: 'How long a new key is published before it signs.',
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
