import { describe, expect, it } from '@jest/globals';
import { planServices } from './plan.js';

const at = {
  host: '127.0.0.1',
  apiPort: 1,
  gatewayPorts: [2, 3],
  demoPort: 4,
  authRpc: 'a:1',
  userRpc: 'u:1',
  messageRpc: 'm:1',
  fileRpc: 'f:1',
  fileHttp: 'f:2',
  fileFolder: '/files',
  databaseUrl: 'postgresql://d',
  natsUrl: 'nats://n',
};

describe('the plan of a start', () => {
  it('is one process for all by default, and one more for each further gateway', () => {
    const plan = planServices({ processes: false }, at, {});
    expect(plan.map((service) => [service.name, service.app, service.env['PARLEY_GATEWAY_PORT']])).toEqual([
      ['standalone', 'standalone', '2'],
      ['gateway-2', 'gateway', '3'],
    ]);
  });

  it('is a process for each service on request, in the order of their needs', () => {
    const plan = planServices({ processes: true }, at, { EXTRA: 'yes' });
    expect(plan.map((service) => service.name)).toEqual(['auth', 'user', 'message', 'file', 'gateway', 'gateway-2', 'api', 'demo']);
    expect(plan[0]?.env).toMatchObject({ DATABASE_URL: 'postgresql://d', NATS_URL: 'nats://n', PARLEY_AUTH_RPC: 'a:1', EXTRA: 'yes' });
  });
});
