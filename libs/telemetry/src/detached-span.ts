import { context, propagation, SpanKind, trace } from '@opentelemetry/api';

/** A span that does not follow a call stack: begun when a frame arrives, ended when its answer leaves. */
export interface DetachedSpan {
  /** W3C context for whoever goes on with the work; '' when nothing is traced. */
  readonly traceparent: string;
  end(): void;
}

const NONE: DetachedSpan = { traceparent: '', end() {} };
const enabled = Boolean(process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
const tracer = trace.getTracer('parley');

/** Costs nothing while telemetry is off. A parent of '' begins a new trace. */
export function beginSpan(name: string, parent = ''): DetachedSpan {
  if (!enabled) return NONE;
  const within = parent === '' ? context.active() : propagation.extract(context.active(), { traceparent: parent });
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, within);
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(within, span), carrier);
  return { traceparent: carrier['traceparent'] ?? '', end: () => span.end() };
}
