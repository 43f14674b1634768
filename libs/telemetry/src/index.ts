export { createLogger, type Logger } from './logger.js';
export { startTelemetry } from './start.js';
export { currentTraceparent, inSpan, meter, withRemoteParent } from './trace.js';
export { beginSpan, type DetachedSpan } from './detached-span.js';
