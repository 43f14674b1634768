import { askLocally } from './local.request.js';

const ASK_EVERY_MS = 100;
const ANSWER_TIMEOUT_MS = 2_500;

/** Waits until /health/ready at `base` ("http://host:port") says yes. Rejects when `signal` is aborted. */
export async function untilReady(base: string, signal: AbortSignal, certFile?: string): Promise<void> {
  await untilTrue(async () => {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    return (await askLocally(`${base}/health/ready`, { signal: timeout, certFile })).status === 200;
  }, signal);
}

/** Repeats the attempt until it is true; an attempt that throws counts as no. Rejects when `signal` is aborted. */
export async function untilTrue(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await attempt().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
