import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, givenUser, RawClient, type RunningPlatform, startPlatform } from '@parley/testkit';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
}

/** A collector that speaks OTLP over HTTP with JSON bodies. */
class Collector {
  readonly spans: Span[] = [];
  readonly metrics = new Set<string>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.#take(JSON.parse(Buffer.concat(chunks).toString() || '{}') as Export);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ resourceSpans = [], resourceMetrics = [] }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => ({ ...span, service })));
    }
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { metrics } of scopeMetrics) for (const { name } of metrics) this.metrics.add(name);
    }
  }
}

interface Export {
  resourceSpans?: { resource: { attributes: { key: string; value: { stringValue?: string } }[] }; scopeSpans: { spans: Span[] }[] }[];
  resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[];
}

describe('when an exporter is set', () => {
  jest.setTimeout(90_000);
  const collector = new Collector();
  let platform: RunningPlatform;

  beforeAll(async () => {
    platform = await startPlatform({
      mode: 'processes',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_BSP_SCHEDULE_DELAY: '200',
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_METRIC_EXPORT_TIMEOUT: '900',
      },
    });
  });

  afterAll(async () => {
    await platform?.stop();
    await collector.stop();
  });

  it('one trace follows a message from the gateway through bus, message service and database to the receiving gateway', async () => {
    const [alice, bob] = [await givenUser(platform, 'alice'), await givenUser(platform, 'bob')];
    const open = async (user: typeof alice) =>
      RawClient.logIn(platform.endpoints.gatewayUrl, {
        appKey: platform.endpoints.appKey,
        user: user.username,
        token: await platform.rest.userToken(user.username, user.password),
      });
    const [sender, receiver] = [await open(alice), await open(bob)];
    await sender.sendText(bob.username, 'hello');

    const wanted = ['gateway.receive', 'message.send', 'message.append', 'gateway.deliver'];
    const trace = await eventually(
      () => {
        const received = collector.spans.filter((span) => span.name === 'gateway.receive');
        const ids = received.map((span) => span.traceId);
        const whole = ids.find((id) => wanted.every((name) => collector.spans.some((span) => span.traceId === id && span.name === name)));
        expect(whole).toBeDefined();
        return collector.spans.filter((span) => span.traceId === whole);
      },
      { withinMs: 20_000 },
    );
    expect(new Set(trace.map((span) => span.service))).toEqual(new Set(['parley-gateway', 'parley-message']));
    expect(trace.filter((span) => !span.parentSpanId).map((span) => span.name)).toEqual(['gateway.receive']);
    sender.terminate();
    receiver.terminate();
  });

  it('counts logins and messages', async () => {
    await eventually(() => collector.metrics.has('parley.logins') && collector.metrics.has('parley.messages.accepted'), {
      withinMs: 20_000,
      what: 'metrics of logins and messages',
    });
  });
});
