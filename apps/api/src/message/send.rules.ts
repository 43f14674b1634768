import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import type { RestMessage } from '@parley/msync';
import { bodies, type SendableType } from './message.schemas.js';

const RECEIVER_LIMIT = 600;
const DEFAULT_SENDER = 'admin';

/** A send that may be carried out. Names are in their stored form. */
export interface SendOrder {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: RestMessage;
  readonly ext: Record<string, unknown>;
  readonly onlineOnly: boolean;
  readonly syncDevice: boolean;
}

/**
 * Checks a send in the order of the vendor's error table. Pure.
 * @throws DomainError message_*, username_illegal and invalid_request_body
 */
export function readSend(request: unknown, limits: { maxMessageBytes: number }): SendOrder {
  if (!isObject(request)) throw new DomainError('invalid_request_body');
  const from = senderOf(request['from']);
  const to = receiversOf(request['to']);
  const message = contentOf(request['type'], request['body']);
  const ext = request['ext'] === undefined ? {} : request['ext'];
  if (!isObject(ext)) throw new DomainError('message_ext_not_object');
  if (jsonBytes(request['body']) + (request['ext'] === undefined ? 0 : jsonBytes(ext)) > limits.maxMessageBytes) {
    throw new DomainError('message_too_large');
  }
  return {
    from,
    to,
    message,
    ext,
    onlineOnly: request['routetype'] === 'ROUTE_ONLINE',
    syncDevice: request['sync_device'] === true,
  };
}

function senderOf(from: unknown = DEFAULT_SENDER): string {
  if (from === '' || from === null) throw new DomainError('message_from_empty');
  if (typeof from !== 'string') throw new DomainError('invalid_request_body');
  const sender = foldUsername(from);
  if (!isLegalUsername(sender)) throw new DomainError('username_illegal', { username: from.slice(0, 256) });
  return sender;
}

/** The same receiver twice is one receiver: the answer has one id for each name. */
function receiversOf(to: unknown): string[] {
  if (to === undefined || to === null) throw new DomainError('message_to_empty');
  if (!Array.isArray(to) || !to.every((one): one is string => typeof one === 'string')) throw new DomainError('invalid_request_body');
  if (to.length === 0 || to.includes('')) throw new DomainError('message_to_empty');
  if (to.length > RECEIVER_LIMIT) throw new DomainError('message_too_many_targets', { limit: String(RECEIVER_LIMIT) });
  return [...new Set(to.map(foldUsername))];
}

function contentOf(type: unknown, body: unknown): RestMessage {
  if (type === undefined || type === null || type === '') throw new DomainError('message_type_empty');
  if (typeof type !== 'string') throw new DomainError('invalid_request_body');
  if (!Object.hasOwn(bodies, type)) throw new DomainError('message_type_unsupported', { type: type.slice(0, 64) });
  if (body === undefined || body === null || (isObject(body) && Object.keys(body).length === 0)) throw new DomainError('message_body_empty');
  const parsed = bodies[type as SendableType].safeParse(body);
  if (!parsed.success) throw new DomainError('invalid_request_body');
  return { type, body: parsed.data } as RestMessage;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Length as JSON in UTF-8. What is nested too deeply to be written is too large. */
function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
}
