import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ConfigError } from '@parley/config';
import { AdminClient, RefusedError } from './admin.client.js';
import type { Command } from './command.js';
import { adminCommands } from './commands/admin.commands.js';
import { appCommands } from './commands/app.commands.js';
import { orgCommands } from './commands/org.commands.js';
import { userCommands } from './commands/user.commands.js';
import { type CredentialOptions, findCredentials, findUrl, keepPassword } from './credentials.js';
import { toText } from './text.js';
import { UsageError } from './usage.error.js';

export const commands: readonly Command[] = [...orgCommands, ...appCommands, ...userCommands, ...adminCommands];

/** Of every command. */
const COMMON = { url: 'URL', credentials: 'FILE', 'client-id': 'ID', 'client-secret': 'SECRET', json: '', help: '' } as const;

/** The command that these words begin with; the one of most words. */
export function findCommand(words: readonly string[]): Command | undefined {
  return commands.find(({ words: name }) => name.split(' ').every((word, i) => words[i] === word));
}

/** Runs a command of administration. Returns the exit code: 1 when it was refused, 2 when it was called wrongly. */
export async function administer(command: Command, rest: readonly string[], env: NodeJS.ProcessEnv, input: NodeJS.ReadableStream = process.stdin): Promise<number> {
  try {
    const { values, positionals } = read(command, rest);
    if (values['help']) return say(usageOf(command));
    checkArguments(command, positionals);
    const answer = await run(command, positionals, values, env, input);
    return say(values['json'] ? JSON.stringify(answer, null, 2) : toText(answer));
  } catch (error) {
    process.stderr.write(`parley: ${(error as Error).message}\n`);
    if (error instanceof UsageError) process.stderr.write(`${usageOf(command)}\n`);
    return error instanceof RefusedError ? 1 : error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  }
}

/** A line for each command. */
export function usage(): string {
  const all = commands.map((command) => [synopsis(command), command.about] as const);
  return all.map(([left, about]) => `  ${left}\n        ${about}`).join('\n');
}

async function run(command: Command, args: string[], options: Options, env: NodeJS.ProcessEnv, input: NodeJS.ReadableStream): Promise<unknown> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  const firstLine = async () => String((await lines.next()).value ?? '');
  const given = { args, options, firstLine, keepPassword: (password: string) => keepPassword(options as CredentialOptions, env, password) };
  if (command.anonymous) return command.run({ ...given, client: new AdminClient(findUrl(options as CredentialOptions, env)) });
  const who = findCredentials(options as CredentialOptions, env);
  const client = new AdminClient(who.restUrl);
  await client.signIn(who);
  try {
    return await command.run({ ...given, client });
  } finally {
    await client.signOut();
  }
}

type Options = Record<string, string | boolean | undefined>;

function read(command: Command, rest: readonly string[]): { values: Options; positionals: string[] } {
  const known = Object.entries({ ...COMMON, ...command.options });
  const options = Object.fromEntries(known.map(([name, value]) => [name, { type: value === '' ? ('boolean' as const) : ('string' as const) }]));
  try {
    return parseArgs({ args: rest.slice(command.words.split(' ').length), options, allowPositionals: true }) as { values: Options; positionals: string[] };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function checkArguments({ args }: Command, given: readonly string[]): void {
  const rest = args.at(-1)?.endsWith('...') ?? false;
  const needed = args.length - (rest ? 1 : 0);
  if (given.length < needed) throw new UsageError(`${args[given.length]} is missing`);
  if (!rest && given.length > needed) throw new UsageError(`what is ${given[needed]}?`);
}

function synopsis({ words, args, options = {} }: Command): string {
  const own = Object.entries(options).map(([name, value]) => `[--${name}${value === '' ? '' : ` ${value}`}]`);
  return ['parley', words, ...args.map((name) => (name.endsWith('...') ? `[${name}]` : name)), ...own].join(' ');
}

function usageOf(command: Command): string {
  const common = Object.entries(COMMON).map(([name, value]) => `[--${name}${value === '' ? '' : ` ${value}`}]`);
  return `usage: ${synopsis(command)}\n       ${common.join(' ')}\n\n${command.about}`;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
