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
 * @throws DomainError message_* and invalid_request_body
 */
export function readSend(asked: Record<string, unknown>, limits: { maxMessageBytes: number }): SendOrder {
  const from = asked['from'] ?? DEFAULT_SENDER;
  if (typeof from !== 'string') throw new DomainError('invalid_request_body');
  if (from === '') throw new DomainError('message_from_empty');
  if (!isLegalUsername(foldUsername(from))) throw new DomainError('username_illegal', { username: from.slice(0, 256) });

  const { to } = asked;
  if (to === undefined || to === null) throw new DomainError('message_to_empty');
  if (!Array.isArray(to) || !to.every((one): one is string => typeof one === 'string')) throw new DomainError('invalid_request_body');
  if (to.length === 0 || to.includes('')) throw new DomainError('message_to_empty');
  if (to.length > RECEIVER_LIMIT) throw new DomainError('message_too_many_targets', { limit: String(RECEIVER_LIMIT) });

  const { type, body } = asked;
  if (type === undefined || type === null || type === '') throw new DomainError('message_type_empty');
  if (typeof type !== 'string' || !Object.hasOwn(bodies, type)) {
    throw new DomainError('message_type_unsupported', { type: String(type).slice(0, 64) });
  }
  if (body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)) {
    throw new DomainError('message_body_empty');
  }
  const parsed = bodies[type as SendableType].safeParse(body);
  if (!parsed.success) throw new DomainError('invalid_request_body');

  const ext = asked['ext'] === undefined ? {} : asked['ext'];
  if (typeof ext !== 'object' || ext === null || Array.isArray(ext)) throw new DomainError('message_ext_not_object');
  if (Buffer.byteLength(JSON.stringify(body)) + Buffer.byteLength(JSON.stringify(ext)) > limits.maxMessageBytes) {
    throw new DomainError('message_too_large');
  }
  return {
    from: foldUsername(from),
    // The same receiver twice is one receiver: the answer has one id for each name.
    to: [...new Set(to.map(foldUsername))],
    message: { type, body: parsed.data } as RestMessage,
    ext: ext as Record<string, unknown>,
    onlineOnly: asked['routetype'] === 'ROUTE_ONLINE',
    syncDevice: asked['sync_device'] === true,
  };
}
