import type { AdminClient } from './admin.client.js';

/** What a command is called with. */
export interface Given {
  readonly client: AdminClient;
  /** What follows the command's words, as many as its usage names. */
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** The first line of standard input: for passwords, which must not stand on a command line. */
  readonly firstLine: () => Promise<string>;
  /** Keeps a new password where the old one was found. */
  readonly keepPassword: (password: string) => void;
}

export interface Command {
  /** `app create`. */
  readonly words: string;
  /** Names of arguments; one that ends in ... takes the rest. */
  readonly args: readonly string[];
  /** Of its own, with what stands for their value; '' = a switch. */
  readonly options?: Readonly<Record<string, string>>;
  readonly about: string;
  /** Works without signing in. */
  readonly anonymous?: boolean;
  /** What the API answered: printed as JSON, or as text. */
  run(given: Given): Promise<unknown>;
}

/** `org#app` as the path of the admin API. @throws Error, told to the user */
export function appPath(appKey: string): string {
  const [org, app, ...rest] = appKey.split('#');
  if (!org || !app || rest.length > 0) throw new Error(`an app is named as org#app (in quotes), not ${appKey}`);
  return `/admin/v1/orgs/${encodeURIComponent(org)}/apps/${encodeURIComponent(app)}`;
}

export function orgPath(org: string): string {
  return `/admin/v1/orgs/${encodeURIComponent(org)}`;
}

/** Options that say what somebody may do. */
export const GRANT_OPTIONS = { role: 'ROLE', apps: 'NAME,NAME', 'all-apps': '' } as const;

/** The body of a grant from these options. */
export function grantOf(options: Given['options']): { role: string; all_apps: boolean; apps: string[] } {
  const apps = typeof options['apps'] === 'string' ? options['apps'].split(',').filter((name) => name !== '') : [];
  return { role: String(options['role'] ?? ''), all_apps: options['all-apps'] === true, apps };
}
