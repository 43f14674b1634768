import { DomainError } from '@parley/errors';
import type { Call } from '../http/call.js';

/**
 * Who may register: the tenant's server always; anybody, one at a time, in an app that registers openly.
 * @throws DomainError registration_needs_token | registration_not_open | token_of_other_app
 */
export function checkMayRegister(call: Pick<Call, 'openRegistration' | 'token' | 'tokenProblem'>, several: boolean): void {
  if (call.token?.kind === 'app') return;
  if (call.openRegistration && !several) return;
  if (call.tokenProblem?.code === 'token_of_other_app') throw call.tokenProblem;
  throw new DomainError(call.token || call.tokenProblem ? 'registration_not_open' : 'registration_needs_token');
}
