import { DomainError } from '@parley/errors';

/**
 * Reads a body as JSON. One without a content type is JSON too: old server SDKs send it so. An empty one is absent.
 * @throws DomainError unsupported_media_type | json_parse
 */
export function readJson(contentType: string | undefined, body: string): unknown {
  if (body === '') return undefined;
  const mediaType = contentType?.split(';')[0]!.trim().toLowerCase() ?? '';
  if (mediaType !== '' && mediaType !== 'application/json') throw new DomainError('unsupported_media_type');
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new DomainError('json_parse', { detail: error instanceof Error ? error.message : 'not JSON' });
  }
}
