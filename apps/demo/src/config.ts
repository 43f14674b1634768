import { loadConfig, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';

const users = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return z.record(z.string(), z.string()).parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON object: user name to password' });
      return z.NEVER;
    }
  });

export const demoConfig = section('demo', {
  host: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that the servers listen on.' }),
  port: setting(z.coerce.number().int().min(0).max(65_535).default(7370), {
    env: 'PARLEY_DEMO_PORT',
    doc: 'Port of the demo page; 0 = any free port.',
  }),
  restUrl: setting(z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:7380'), {
    env: 'PARLEY_DEMO_REST_URL',
    doc: 'REST API as the browser reaches it.',
  }),
  gatewayUrl: setting(z.url({ protocol: /^wss?$/ }).default('ws://127.0.0.1:7390/websocket'), {
    env: 'PARLEY_DEMO_GATEWAY_URL',
    doc: 'Gateway as the browser reaches it.',
  }),
  appKey: setting(z.string().regex(/^[^#]+#[^#]+$/, 'must be organisation#app').default('demo#chat'), {
    env: 'PARLEY_DEMO_APP_KEY',
    doc: 'The app that the page signs in to.',
  }),
  users: setting(users, {
    env: 'PARLEY_DEMO_USERS',
    doc: 'JSON object of demo users and passwords. The page shows them to everybody who can open it; the first two get a pane.',
    secret: true,
  }),
});
export type DemoConfig = SectionValues<typeof demoConfig>;

/** @throws ConfigError */
export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig({ demo: demoConfig }, env);
}
export type DemoServiceConfig = ReturnType<typeof loadServiceConfig>;
