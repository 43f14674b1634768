import { context, type Counter, metrics, propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('parley');

export interface CountInstrument {
  add(value: number, attributes?: Record<string, string>): void;
}

/**
 * A counter of one part; a no-op unless an exporter is set. Made at first use: an instrument that is made before the
 * exporter started would stay a no-op.
 */
export function counter(part: string, name: string, description: string): CountInstrument {
  let instrument: Counter | undefined;
  return {
    add(value, attributes) {
      instrument ??= metrics.getMeter(`parley.${part}`).createCounter(name, { description });
      instrument.add(value, attributes);
    },
  };
}

/** The W3C traceparent of the active span, or '' when nothing is being traced. */
export function currentTraceparent(): string {
  if (!trace.getActiveSpan()) return '';
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? '';
}

/** Runs fn in a span; an error ends the span as failed and is thrown on. */
export async function inSpan<T>(name: string, attributes: Record<string, string | number>, fn: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** As inSpan, below a span of another process. With an empty traceparent fn runs without a span. */
export async function withRemoteParent<T>(traceparent: string, name: string, fn: () => Promise<T>): Promise<T> {
  if (traceparent === '') return fn();
  const parent = propagation.extract(context.active(), { traceparent });
  return context.with(parent, () => inSpan(name, {}, fn));
}
