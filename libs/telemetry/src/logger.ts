import { trace } from '@opentelemetry/api';
import { destination, pino, type Logger } from 'pino';

export type { Logger };

/** Lines that cannot be written (a full disk) wait up to this many bytes; further ones are dropped. */
const WAITING_BYTES = 1024 * 1024;
const STDOUT = 1;

const output = destination({ dest: STDOUT, sync: true, maxLength: WAITING_BYTES });
// A log that cannot be written must not end what it tells of.
output.on('error', () => undefined);

/** Structured JSON log of one service on stdout; carries the trace id when there is one. LOG_LEVEL sets the level. */
export function createLogger(name: string): Logger {
  const options = {
    name,
    level: process.env['LOG_LEVEL'] ?? 'info',
    redact: ['password', 'token', 'secret', '*.password', '*.token', '*.secret', '*.authorization'],
    mixin() {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { traceId: span.traceId, spanId: span.spanId } : {};
    },
  };
  return pino(options, output);
}
