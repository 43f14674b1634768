import { addressesConfig, infrastructureConfig, loadConfig, section, setting } from '@parley/config';
import { checkTransport, tlsConfig, trustedProxies } from '@parley/tls';
import { z } from 'zod';

export const apiConfig = section('api', {
  host: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that the servers listen on.' }),
  port: setting(z.coerce.number().int().min(0).max(65_535).default(7380), {
    env: 'PARLEY_API_PORT',
    doc: 'Port of the REST API, /openapi.json and /health/*. 0 = any free port.',
  }),
  maxBodyBytes: setting(z.coerce.number().int().min(8_192).default(65_536), {
    env: 'PARLEY_API_MAX_BODY_BYTES',
    doc: 'Longest request body.',
  }),
  formWithinSeconds: setting(z.coerce.number().int().min(30).max(3_600).default(330), {
    env: 'PARLEY_API_UPLOAD_SECONDS',
    doc: 'After this long an upload that has not come whole is cut off. SDKs wait for 300 s.',
  }),
  ratesEnforced: setting(z.stringbool().default(true), {
    env: 'PARLEY_API_RATES',
    doc: 'Hold apps and administrators to their rates. Only a measurement turns it off.',
  }),
  adminCalls: setting(z.coerce.number().int().min(1).default(50), {
    env: 'PARLEY_API_ADMIN_CALLS_PER_SECOND',
    doc: 'Calls of the admin API by one administrator or API key in a second.',
  }),
  adminCallsOfAddress: setting(z.coerce.number().int().min(1).default(200), {
    env: 'PARLEY_API_ADMIN_CALLS_OF_ADDRESS_PER_SECOND',
    doc: 'The same from one address, whoever calls, with signing in and what needs no signing in.',
  }),
  trustedProxies: setting(trustedProxies, {
    env: 'PARLEY_API_TRUSTED_PROXIES',
    doc: 'Addresses or networks (10.0.0.0/8, …) of proxies in front. Their X-Forwarded-For, -Host and -Proto are believed, and they alone may connect without TLS when the API listens beyond this machine.',
  }),
  publicUrl: setting(
    z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    {
      env: 'PARLEY_API_PUBLIC_URL',
      doc: "Where callers find the API, as https://chat.example.org: the issuer of administrators' tokens. Without it as each request came.",
    },
  ),
  importOrigins: setting(
    z
      .string()
      .optional()
      .transform((list = '') => list.split(',').map((one) => one.trim()).filter((one) => one !== ''))
      .refine((list) => list.every(isOrigin), 'origins as https://files.example.org, separated by commas'),
    {
      env: 'PARLEY_API_IMPORT_ORIGINS',
      doc: 'From where the API fetches attachments of imported messages (`need_download`), as https://files.example.org,https://cdn.example.org:8443; empty = from nowhere. Every app may make it ask there.',
    },
  ),
  maxMessageBytes: setting(z.coerce.number().int().min(1_024).max(32_768).default(5_120), {
    env: 'PARLEY_API_MAX_MESSAGE_BYTES',
    doc: 'Longest message or edit over REST (body and ext together, as JSON) of any app; an app may have a lower limit of its own (`messageBytes`).',
  }),
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);
}

export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = loadConfig({ api: apiConfig, tls: tlsConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
  const { host, trustedProxies: proxies } = config.api;
  return { ...config, transport: checkTransport(config.tls, host, proxies, 'PARLEY_API_TRUSTED_PROXIES') };
}
export type ApiServiceConfig = ReturnType<typeof loadServiceConfig>;
export type ApiConfig = ApiServiceConfig['api'];
export const API_CONFIG = Symbol('api config');
