import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningService } from '@parley/rpc';
import { loadServiceConfig, start } from '../start.js';

let service: RunningService;
const at = (path: string) => fetch(`http://${service.address}${path}`);

beforeAll(async () => {
  const settings = {
    PARLEY_DEMO_PORT: '0',
    PARLEY_DEMO_REST_URL: 'https://rest.example.org/some/path',
    PARLEY_DEMO_GATEWAY_URL: 'wss://gateway.example.org/websocket',
    PARLEY_DEMO_USERS: '{"ann":"one","ben":"two"}',
  };
  service = await start(loadServiceConfig(settings));
});
afterAll(() => service.stop());

describe('the demo server', () => {
  it('serves the page, its panes and the SDK', async () => {
    const types = await Promise.all(['/', '/pane.html', '/page.css', '/sdk/agora-chat.js'].map(async (path) => (await at(path)).headers.get('content-type')));
    expect(types).toEqual(['text/html; charset=utf-8', 'text/html; charset=utf-8', 'text/css; charset=utf-8', expect.stringContaining('javascript')]);
  });

  it('tells the page its app, servers and users', async () => {
    expect(await (await at('/config.json')).json()).toEqual({
      appKey: 'demo#chat',
      restUrl: 'https://rest.example.org/some/path',
      gatewayUrl: 'wss://gateway.example.org/websocket',
      users: [
        { name: 'ann', password: 'one' },
        { name: 'ben', password: 'two' },
      ],
    });
  });

  it('lets the page talk to its own two servers and nobody else, and run no inline script', async () => {
    const policy = (await at('/')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("connect-src 'self' https://rest.example.org wss://gateway.example.org;");
    expect(policy).not.toContain('unsafe');
  });

  it('lets only the panes compile code, which the SDK does', async () => {
    const policies = await Promise.all(['/pane.html?user=ann', '/', '/page.js'].map(async (path) => (await at(path)).headers.get('content-security-policy')));
    expect(policies.map((policy) => /script-src ([^;]*)/.exec(policy ?? '')?.[1])).toEqual(["'self' 'unsafe-eval'", "'self'", "'self'"]);
  });

  it('serves nothing beside its own files', async () => {
    const statuses = await Promise.all(['/package.json', '/..%2fpackage.json', '/sdk/package.json', '/src/start.ts'].map(async (path) => (await at(path)).status));
    expect(statuses.every((status) => status === 404 || status === 403)).toBe(true);
  });

  it('refuses settings that cannot work, all at once', () => {
    const wrong = { PARLEY_DEMO_USERS: '[1]', PARLEY_DEMO_APP_KEY: 'no-hash', PARLEY_DEMO_GATEWAY_URL: 'http://x' };
    expect(() => loadServiceConfig(wrong)).toThrow(/demo\.gatewayUrl[\s\S]*demo\.appKey[\s\S]*demo\.users/);
  });
});
