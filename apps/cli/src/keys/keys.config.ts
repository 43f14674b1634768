import { loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

const keysConfig = section('keys', {
  home: setting(z.string().default('.parley'), { env: 'PARLEY_HOME', doc: 'Folder with endpoints.json.' }),
  authRpc: setting(z.string().optional(), { env: 'PARLEY_AUTH_RPC', doc: 'host:port of the auth service.' }),
});
export type KeysConfig = SectionValues<typeof keysConfig>;

/** @throws ConfigError */
export function readKeysConfig(env: NodeJS.ProcessEnv): KeysConfig {
  return loadConfig({ keys: keysConfig }, env).keys;
}
