export { createLogger, type Logger } from './logger.js';
export { startTelemetry } from './start.js';
export { counter, type CountInstrument, currentTraceparent, inSpan, withRemoteParent } from './trace.js';
export { beginSpan, type DetachedSpan } from './detached-span.js';
