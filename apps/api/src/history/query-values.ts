import type { history } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { z } from 'zod';
import { type Call, tenantOf, usernameOf } from '../http/call.js';

const GROUP_DOMAIN = 'conference';
const RESOURCE_MAX_LENGTH = 1_024;
const NAME_MAX_LENGTH = 1_024;

/** A query or body value as clients write it: absent values come as the text "undefined" or "null". */
export const text = z
  .unknown()
  .optional()
  .transform((value) => {
    const [first] = [value].flat();
    const written = typeof first === 'string' ? first : typeof first === 'number' ? String(first) : '';
    return written === 'undefined' || written === 'null' ? '' : written;
  })
  .meta({ type: 'string' });

/** How many a page may have; nonsense is the default. */
export function pageSize(byDefault: number, most: number) {
  return z
    .unknown()
    .optional()
    .transform((value) => {
      const size = Number([value].flat()[0] || byDefault);
      return Number.isFinite(size) ? Math.min(Math.max(Math.trunc(size), 1), most) : byDefault;
    })
    .meta({ type: 'integer', minimum: 1, maximum: most, default: byDefault });
}

/** The id of a message; undefined for what cannot be one. */
export function messageId(written: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(written)) return undefined;
  const id = BigInt(written);
  return id > 0n && id < 2n ** 64n ? id : undefined;
}

/** Who acts: the user of the path, on the device that the query names. */
export function actorOf(call: Call, resource: string): history.Actor {
  return { tenant: tenantOf(call), username: usernameOf(call), resource: resource.slice(0, RESOURCE_MAX_LENGTH) };
}

/** `name@easemob.com` or `name@conference.easemob.com`. @throws DomainError illegal_argument */
export function queueOf(written: string): history.ConversationRef {
  const at = written.lastIndexOf('@');
  const peer = at === -1 ? written : written.slice(0, at);
  if (peer === '' || peer.length > NAME_MAX_LENGTH) throw new DomainError('illegal_argument', { detail: 'queue: must be name@domain' });
  return { peer, group: at !== -1 && written.slice(at + 1).includes(GROUP_DOMAIN) };
}
