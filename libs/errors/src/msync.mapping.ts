import { type DomainError, fill } from './domain.error.js';

/** Status of a send's answer. Code 7 with an unknown text would leave the client waiting, so the general refusal is FAIL. */
export function toMsyncStatus(error: DomainError): { code: number; reason: string } {
  const { msync } = error.entry;
  return msync ? { code: msync.code, reason: fill(msync.reason, error.params) } : { code: 1, reason: error.code };
}
