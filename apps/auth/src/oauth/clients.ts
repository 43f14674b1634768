import { DomainError } from '@parley/errors';

/** The command line signs in without a browser: it reads the code from the answer, so its URI leads nowhere. */
export const CLI_CLIENT = { id: 'parley-cli', redirectUri: 'parley-cli:signed-in' } as const;

/** Programs that administrators may sign in to, with their exact redirect URIs. */
export class OAuthClients {
  constructor(private readonly registered: Readonly<Record<string, readonly string[]>>) {}

  /** @throws DomainError oauth_client_unknown | oauth_redirect_mismatch */
  check(clientId: string, redirectUri: string): void {
    const uris = clientId === CLI_CLIENT.id ? [CLI_CLIENT.redirectUri] : Object.hasOwn(this.registered, clientId) ? this.registered[clientId]! : undefined;
    if (!uris) throw new DomainError('oauth_client_unknown');
    if (!uris.includes(redirectUri)) throw new DomainError('oauth_redirect_mismatch');
  }
}
