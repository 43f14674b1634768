import { loadConfig, section, setting } from '@parley/config';
import { z } from 'zod';

export const adminConfig = section('admin', {
  home: setting(z.string().default('.parley'), { env: 'PARLEY_HOME', doc: 'Folder with operator.json.' }),
  url: setting(z.string().optional(), { env: 'PARLEY_ADMIN_URL', doc: 'Where the REST API is, for the commands of administration.' }),
  clientId: setting(z.string().optional(), { env: 'PARLEY_ADMIN_CLIENT_ID', doc: 'Client id of an API key with which the commands of administration act.' }),
  clientSecret: setting(z.string().optional(), { env: 'PARLEY_ADMIN_CLIENT_SECRET', doc: 'Its secret.', secret: true }),
});

/** @throws ConfigError */
export function readAdminConfig(env: NodeJS.ProcessEnv) {
  return loadConfig({ admin: adminConfig }, env).admin;
}
