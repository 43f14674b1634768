import { readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAdminConfig } from './admin.config.js';
import { UsageError } from './usage.error.js';

const person = z.object({ restUrl: z.string(), org: z.string(), login: z.string(), password: z.string() });
const key = z.object({ restUrl: z.string(), clientId: z.string(), clientSecret: z.string() });
const file = z.union([key, person]);

/** As whom the command acts, and where. */
export type Credentials = z.output<typeof file>;

export interface CredentialOptions {
  url?: string | undefined;
  credentials?: string | undefined;
  'client-id'?: string | undefined;
  'client-secret'?: string | undefined;
}

/**
 * An API key from the options or the environment; else a file: the one that is named, or operator.json of the home.
 * @throws UsageError when there is nothing to act with
 */
export function findCredentials(options: CredentialOptions, env: NodeJS.ProcessEnv): Credentials {
  const config = readAdminConfig(env);
  const url = options.url ?? config.url;
  const clientId = options['client-id'] ?? config.clientId;
  const clientSecret = options['client-secret'] ?? config.clientSecret;
  if (clientId !== undefined && clientSecret !== undefined) return { restUrl: url ?? readFile(options, config.home).restUrl, clientId, clientSecret };
  const found = readFile(options, config.home);
  return url === undefined ? found : { ...found, restUrl: url };
}

/** Where the API is, for what needs no credentials. */
export function findUrl(options: CredentialOptions, env: NodeJS.ProcessEnv): string {
  const config = readAdminConfig(env);
  return options.url ?? config.url ?? readFile(options, config.home).restUrl;
}

/** Writes a new password into the file in which the old one stood, if it did. */
export function keepPassword(options: CredentialOptions, env: NodeJS.ProcessEnv, password: string): void {
  const { home } = readAdminConfig(env);
  const found = readFile(options, home);
  if ('password' in found) writeFileSync(fileOf(options, home), `${JSON.stringify({ ...found, password }, null, 2)}\n`, { mode: 0o600 });
}

function fileOf({ credentials }: CredentialOptions, home: string): string {
  const repository = fileURLToPath(new URL('../../../..', import.meta.url));
  return credentials ?? join(isAbsolute(home) ? home : resolve(repository, home), 'operator.json');
}

function readFile(options: CredentialOptions, home: string): Credentials {
  const path = fileOf(options, home);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`no credentials: ${path} cannot be read. Start Parley there once, or give --credentials FILE, or --url with --client-id and --client-secret`);
  }
  try {
    return file.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${path} must have restUrl with clientId and clientSecret, or with org, login and password`);
  }
}
