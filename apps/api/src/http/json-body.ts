import { DomainError } from '@parley/errors';
import { FormBody } from './form-body.js';

const FORM = 'application/x-www-form-urlencoded';

/** Message ids are longer than a number can hold exactly; callers write them as numbers all the same. */
const LONG_ID = /"(?:msgId|msg_id)"\s*:\s*\d{16}/;

function exactId(key: string, value: unknown, context?: { source?: string }): unknown {
  return (key === 'msgId' || key === 'msg_id') && typeof value === 'number' ? (context?.source ?? value) : value;
}

/**
 * Reads a body as JSON, or a form as FormBody. One without a content type is JSON too: old server SDKs send it so. An empty one is absent.
 * @throws DomainError unsupported_media_type | json_parse
 */
export function readBody(contentType: string | undefined, body: string): unknown {
  const mediaType = contentType?.split(';')[0]!.trim().toLowerCase() ?? '';
  if (mediaType === FORM) return new FormBody(body);
  if (body === '') return undefined;
  if (mediaType !== '' && mediaType !== 'application/json') throw new DomainError('unsupported_media_type');
  try {
    return LONG_ID.test(body) ? JSON.parse(body, exactId) : JSON.parse(body);
  } catch (error) {
    throw new DomainError('json_parse', { detail: error instanceof Error ? error.message : 'not JSON' });
  }
}
