import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keys } from '@parley/contracts';
import { type RpcClient, rpcClient } from '@parley/rpc';
import { type KeysConfig, readKeysConfig } from './keys.config.js';
import { KEYS_USAGE } from './keys.usage.js';

/** Runs `parley keys …`. @returns the exit code: 0 done, 1 refused, 2 not understood */
export async function keysCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const call = callOf(args);
  if (!call) {
    process.stderr.write(KEYS_USAGE);
    return 2;
  }
  const config = readKeysConfig(env);
  const client = rpcClient(keys.KeyServiceClient, config.authRpc ?? addressOf(config));
  try {
    for (const key of await call(client)) print(key);
    return 0;
  } catch (error) {
    process.stderr.write(`parley keys: ${(error as Error).message}\n`);
    return 1;
  } finally {
    client.close();
  }
}

type KeyClient = RpcClient<typeof keys.KeyServiceService>;

/** What is asked of auth, which answers the keys to print. Word by word, not by a parser of options: one key id in 64 begins with "-". */
function callOf(args: readonly string[]): ((client: KeyClient) => Promise<keys.SigningKey[]>) | undefined {
  const [verb, kid] = args;
  if (verb === 'revoke' && kid && args.length === 2) return async (client) => [await client.revokeKey({ kid })];
  switch (args.join(' ')) {
    case 'list':
      return async (client) => (await client.listKeys({})).keys;
    case 'rotate':
      return async (client) => [await client.rotateKeys({ immediately: false })];
    case 'rotate --now':
      return async (client) => [await client.rotateKeys({ immediately: true })];
    default:
      return undefined;
  }
}

function addressOf({ home }: KeysConfig): string {
  const repository = fileURLToPath(new URL('../../../..', import.meta.url));
  const file = join(isAbsolute(home) ? home : resolve(repository, home), 'endpoints.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { authRpc: string }).authRpc;
}

function print({ kid, state, createdMs, signFromMs, coversUntilMs }: keys.SigningKey): void {
  const time = (ms: bigint) => new Date(Number(ms)).toISOString();
  const kept = coversUntilMs === 0n ? 'signed nothing' : Number(coversUntilMs) >= Number.MAX_SAFE_INTEGER ? 'kept for ever' : `kept until ${time(coversUntilMs)}`;
  process.stdout.write(`${kid}  ${state.padEnd(9)}  made ${time(createdMs)}  signs from ${time(signFromMs)}  ${kept}\n`);
}
