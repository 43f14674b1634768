import { DomainError } from '@parley/errors';
import type { StatusFields } from '@parley/msync';
import { ForeignTokenVerifier, type TokenVerifier, type VerifiedToken } from '@parley/tokens';
import { type LoginRequest, Refusal } from './login.rules.js';

/** The token of a login, whoever made it: our own are verified here, others by asking auth. */
export class LoginTokens {
  constructor(
    private readonly own: Pick<TokenVerifier, 'verify'>,
    private readonly foreign: Pick<ForeignTokenVerifier, 'verify'>,
  ) {}

  /** What it says, or why it is refused. Rejects when that cannot be decided now. */
  async read({ token, appKey }: Pick<LoginRequest, 'token' | 'appKey'>): Promise<VerifiedToken | StatusFields> {
    try {
      if (!ForeignTokenVerifier.recognises(token)) return await this.own.verify(token);
      const [org, app] = appKey.split('#');
      return await this.foreign.verify({ org: org ?? '', app: app ?? '', token });
    } catch (error) {
      const refusal = error instanceof DomainError && refusalOf(error);
      if (!refusal) throw error;
      return refusal;
    }
  }
}

function refusalOf({ code, entry }: DomainError): StatusFields | undefined {
  switch (code) {
    case 'token_expired':
      return Refusal.tokenExpired;
    case 'entity_user_not_found':
      return Refusal.userNotFound;
    case 'user_not_activated':
      return Refusal.notActivated;
    default:
      return entry.http < 500 && !entry.retryable ? Refusal.badToken : undefined;
  }
}
