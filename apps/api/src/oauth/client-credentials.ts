import { DomainError } from '@parley/errors';

const MOST = 2_048;

/**
 * Client id and secret of an API key: by HTTP Basic or in the form (RFC 6749, 2.3.1), not by both.
 * @throws DomainError oauth_invalid_client
 */
export function clientCredentials(
  authorization: string | undefined,
  form: { client_id?: string | undefined; client_secret?: string | undefined },
): { clientId: string; clientSecret: string } {
  const [scheme, encoded] = (authorization ?? '').trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'basic') return { clientId: form.client_id ?? '', clientSecret: form.client_secret ?? '' };
  if (!encoded || encoded.length > MOST || form.client_secret !== undefined) throw new DomainError('oauth_invalid_client');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new DomainError('oauth_invalid_client');
  return { clientId: decoded(text.slice(0, colon)), clientSecret: decoded(text.slice(colon + 1)) };
}

/** Both parts are form-encoded before they are put together. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    throw new DomainError('oauth_invalid_client');
  }
}
