export { RateLimiter, type RateVerdict } from './rate.limiter.js';
export { LongWindows } from './long-windows.js';
