import { trace } from '@opentelemetry/api';
import { pino, type Logger } from 'pino';

export type { Logger };

/** Structured JSON log of one service on stdout; carries the trace id when there is one. LOG_LEVEL sets the level. */
export function createLogger(name: string): Logger {
  return pino({
    name,
    level: process.env['LOG_LEVEL'] ?? 'info',
    redact: ['password', 'token', 'secret', '*.password', '*.token', '*.secret', '*.authorization'],
    mixin() {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { traceId: span.traceId, spanId: span.spanId } : {};
    },
  });
}
