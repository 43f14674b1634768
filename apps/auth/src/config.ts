import { addressesConfig, hashCostLog2, infrastructureConfig, loadConfig, section, type SectionValues, setting } from '@parley/config';
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

const REDIRECT = /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/)[^\s#]*$/;

const oauthClients = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z.string().regex(/^[a-z0-9-]{1,40}$/, 'client ids are 1 to 40 of a-z 0-9 -'),
      z.array(z.string().regex(REDIRECT, 'redirect URIs are https, or http on this machine, without a fragment')).min(1),
    ),
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
  hashCostLog2,
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
  jwksLoopback: setting(z.stringbool().default(false), {
    env: 'PARLEY_AUTH_JWKS_LOOPBACK',
    doc: "Tenants' issuers may have their keys on this machine, also without TLS. For development only: it lets tenants reach what listens here.",
  }),
  jwksRefetchSeconds: setting(z.coerce.number().int().min(5).max(600).default(30), {
    env: 'PARLEY_AUTH_JWKS_REFETCH_SECONDS',
    doc: "How often at most a tenant's keys are fetched anew because a token names one that is not known, or because there were none.",
  }),
  appCacheMs: setting(z.coerce.number().int().min(0).max(600_000).default(10_000), {
    env: 'PARLEY_AUTH_APP_CACHE_MS',
    doc: 'How long the settings of an app are remembered, and so how late a change made by another replica is seen.',
  }),
  operatorLogin: setting(z.string().default('operator'), {
    env: 'PARLEY_OPERATOR_LOGIN',
    doc: 'Name of the first platform operator, made at the first start.',
  }),
  operatorPassword: setting(z.string().optional(), {
    env: 'PARLEY_OPERATOR_PASSWORD',
    doc: 'Password of the first platform operator. Used once: while there is no operator. npm start makes one and shows it.',
    secret: true,
  }),
  oauthClients: setting(oauthClients.default({}), {
    env: 'PARLEY_OAUTH_CLIENTS',
    doc: 'Programs that administrators may sign in to, with their exact redirect URIs, as JSON: {"console":["https://console.example.org/signed-in"]}.',
  }),
  adminTokenSeconds: setting(z.coerce.number().int().min(60).max(3_600).default(600), {
    env: 'PARLEY_ADMIN_TOKEN_SECONDS',
    doc: "Life of an administrator's access token.",
  }),
  adminSessionHours: setting(z.coerce.number().int().min(1).max(720).default(12), {
    env: 'PARLEY_ADMIN_SESSION_HOURS',
    doc: 'After this an administrator signs in anew, however busy he was.',
  }),
  invitationHours: setting(z.coerce.number().int().min(1).max(720).default(72), {
    env: 'PARLEY_INVITATION_HOURS',
    doc: 'How long an invitation can be accepted.',
  }),
  appsPerOrganisation: setting(z.coerce.number().int().min(1).max(10_000).default(100), {
    env: 'PARLEY_APPS_PER_ORGANISATION',
    doc: 'Apps that one organisation may have.',
  }),
  organisationRegistration: setting(z.enum(['off', 'approval', 'open']).default('off'), {
    env: 'PARLEY_ORGANISATION_REGISTRATION',
    doc: 'Whether organisations may register themselves: off, approval (an operator decides on each), open (at once).',
  }),
  purgeLeastSeconds: setting(z.coerce.number().int().min(1).max(31_536_000).default(3_600), {
    env: 'PARLEY_PURGE_LEAST_SECONDS',
    doc: 'Shortest time of grace before an app is purged; long enough for requests under way and for what is remembered of the app.',
  }),
  auditDays: setting(z.coerce.number().int().min(30).max(3_650).default(400), {
    env: 'PARLEY_AUDIT_DAYS',
    doc: 'How long the audit log is kept.',
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
