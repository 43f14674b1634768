import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, givenApp, platformUnderTest, type Platform, type RestAnswer } from '@parley/testkit';
import { expectError } from './envelope.js';

const platform = platformUnderTest();
let app: Platform;
let other: Platform;

beforeAll(async () => {
  // Low, so that calls are beyond it on every machine.
  [app, other] = [await givenApp(platform, { settings: { rateOther: 30 } }), await givenApp(platform)];
  for (const { rest } of [app, other]) await rest.call('POST', '/users', { body: { username: 'alice', password: 'secret' } });
});

/** Calls at once until one is refused: where one second ends and the next begins, twice as many may pass. */
function flood(call: () => Promise<RestAnswer>): Promise<RestAnswer> {
  return eventually(async () => (await Promise.all(Array.from({ length: 150 }, call))).find(({ status }) => status !== 200), { what: 'a refusal' });
}

describe('rates of an app', () => {
  it('beyond it a call is answered with 429 and when to come back; then it is served', async () => {
    const refused = await flood(() => app.rest.call('GET', '/users/alice'));
    expectError(refused, 429, 'reach_limit', 'This request has reached api limit.');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('x-ratelimit-limit')).toBe('30');
    await eventually(async () => (await app.rest.call('GET', '/users/alice')).status === 200);
  });

  it('what an app may still do stands in every answer', async () => {
    const { headers } = await other.rest.call('GET', '/users/alice');
    expect(headers.get('x-ratelimit-limit')).toBe('100');
    expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(100);
    expect(headers.get('x-ratelimit-reset')).toBe('1');
  });

  it('one app at its limit leaves the others theirs, and its other operations too', async () => {
    await flood(() => app.rest.call('GET', '/users/alice'));
    const flooding = Promise.all(Array.from({ length: 300 }, () => app.rest.call('GET', '/users/alice')));
    for (let i = 0; i < 20; i++) {
      expect((await other.rest.call('GET', '/users/alice')).status).toBe(200);
      expect((await app.rest.call('GET', '/users/alice/status')).status).toBe(200);
    }
    await flooding;
  });

  it('who may not call uses up nothing', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => other.rest.call('GET', '/users/alice', { token: 'YWMtnonsense' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await other.rest.call('GET', '/users/alice')).status).toBe(200);
  });

  it('messages count by receivers, with an error of their own', async () => {
    const to = Array.from({ length: 600 }, (_, i) => `nobody-${i}`);
    const send = () => app.rest.call('POST', '/messages/users', { body: { from: 'alice', to, type: 'cmd', body: { action: 'x' }, routetype: 'ROUTE_ONLINE' } });
    const refused = await eventually(async () => {
      const answer = await send();
      return answer.status !== 200 && answer;
    }, { withinMs: 30_000, what: 'a refusal' });
    expectError(refused, 403, 'message_send_error', 'message send reach limit');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('the OpenAPI document names the rates of each operation', async () => {
    const document = (await (await fetch(`${platform.endpoints.restUrl}/openapi.json`)).json()) as { paths: Record<string, Record<string, { 'x-rates': unknown }>> };
    expect(document.paths['/{org}/{app}/messages/users']?.['post']?.['x-rates']).toEqual([
      { setting: 'rateSendToUsersCalls', limit: 100, windowSeconds: 1, counts: 'calls' },
      { setting: 'rateSendToUsers', limit: 6_000, windowSeconds: 60, counts: 'messages' },
    ]);
  });
});
