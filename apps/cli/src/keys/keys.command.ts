import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keys } from '@parley/contracts';
import { type RpcClient, rpcClient } from '@parley/rpc';
import { type KeysConfig, readKeysConfig } from './keys.config.js';
import { KEYS_USAGE } from './keys.usage.js';

type KeyClient = RpcClient<typeof keys.KeyServiceService>;
/** By the words that are typed; each answers the keys to print. */
const calls: Readonly<Record<string, (client: KeyClient, kid: string) => Promise<keys.SigningKey[]>>> = {
  list: async (client) => (await client.listKeys({})).keys,
  rotate: async (client) => [await client.rotateKeys({ immediately: false })],
  'rotate --now': async (client) => [await client.rotateKeys({ immediately: true })],
  'revoke KID': async (client, kid) => [await client.revokeKey({ kid })],
};

/** Runs `parley keys …`. @returns the exit code: 0 done, 1 refused, 2 not understood */
export async function keysCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Word by word, not by a parser of options: one key id in 64 begins with "-".
  const [verb, argument, ...surplus] = args;
  const call = surplus.length > 0 ? undefined : calls[wordsOf(verb, argument)];
  if (!call) {
    process.stderr.write(KEYS_USAGE);
    return 2;
  }
  const config = readKeysConfig(env);
  const client = rpcClient(keys.KeyServiceClient, config.authRpc ?? addressOf(config));
  try {
    for (const key of await call(client, argument ?? '')) print(key);
    return 0;
  } catch (error) {
    process.stderr.write(`parley keys: ${(error as Error).message}\n`);
    return 1;
  } finally {
    client.close();
  }
}

/** As the calls are named. */
function wordsOf(verb: string | undefined, argument: string | undefined): string {
  return argument === undefined ? `${verb}` : `${verb} ${verb === 'revoke' ? 'KID' : argument}`;
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
