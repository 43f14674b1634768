import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, describeSettings, loadConfig, section, setting } from './index.js';

const gateway = section('gateway', {
  port: setting(z.coerce.number().int().min(0).max(65_535).default(7390), { env: 'GATEWAY_PORT', doc: 'Port.' }),
  key: setting(z.string().min(8), { env: 'GATEWAY_KEY', doc: 'Key.', secret: true }),
});

describe('configuration', () => {
  it('takes defaults for what the environment leaves out or leaves empty', () => {
    expect(loadConfig({ gateway }, { GATEWAY_KEY: 'long enough', GATEWAY_PORT: '' }).gateway.port).toBe(7390);
  });

  it('reports every problem at once, with path and variable', () => {
    const load = () => loadConfig({ gateway }, { GATEWAY_PORT: '70000', GATEWAY_KEY: 'short' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/gateway\.port \(GATEWAY_PORT\)[\s\S]*gateway\.key \(GATEWAY_KEY\)/);
  });

  it('never prints a secret default', () => {
    expect(describeSettings([gateway]).map((row) => row.default)).toEqual(['7390', '(secret)']);
  });
});
