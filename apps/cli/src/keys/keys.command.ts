import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keys } from '@parley/contracts';
import { rpcClient } from '@parley/rpc';
import { type KeysConfig, readKeysConfig } from './keys.config.js';
import { KEYS_USAGE } from './keys.usage.js';

/** Runs `parley keys …`. @returns the exit code: 0 done, 1 refused, 2 not understood */
export async function keysCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, strict: false, options: { now: { type: 'boolean' } } });
  const [verb, kid] = positionals;
  const config = readKeysConfig(env);
  const client = rpcClient(keys.KeyServiceClient, config.authRpc ?? addressOf(config));
  try {
    if (verb === 'list') for (const key of (await client.listKeys({})).keys) print(key);
    else if (verb === 'rotate') print(await client.rotateKeys({ immediately: values['now'] === true }));
    else if (verb === 'revoke' && kid) print(await client.revokeKey({ kid }));
    else {
      process.stderr.write(KEYS_USAGE);
      return 2;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`parley keys: ${(error as Error).message}\n`);
    return 1;
  } finally {
    client.close();
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
