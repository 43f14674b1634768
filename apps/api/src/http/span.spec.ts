import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { currentTraceparent } from '@parley/telemetry';
import { type ApiUnderTest, apiUnderTest } from '../testing.fixture.js';

type Processor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type Span = Parameters<Processor['onEnd']>[0];

let ended: (span: Span) => void;
const span = new Promise<Span>((resolve) => (ended = resolve));
const processor: Processor = { onStart() {}, onEnd: (one) => ended(one), forceFlush: async () => {}, shutdown: async () => {} };
const sdk = new NodeSDK({ spanProcessors: [processor], metricReaders: [], logRecordProcessors: [], autoDetectResources: false });
let api: ApiUnderTest;
beforeAll(async () => {
  sdk.start();
  api = await apiUnderTest();
});
afterAll(async () => {
  await api.stop();
  await sdk.shutdown();
});

describe('a traced request', () => {
  it('is a span by the name of its route, and what it asks of services belongs to it', async () => {
    let traceparent = '';
    api.users['setPassword'] = async () => {
      traceparent = currentTraceparent();
      return {};
    };
    await api.call('PUT', '/demo/chat/users/alice/password', { token: await api.tokenFor(), body: { newpassword: 'other' } });

    expect(await span).toMatchObject({ name: 'PUT /:org/:app/users/:username/password', attributes: { 'http.response.status_code': 200 } });
    expect(traceparent).toContain((await span).spanContext().traceId);
  });
});
