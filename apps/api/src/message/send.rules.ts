import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import type { RestMessage } from '@parley/msync';
import { bodies, IGNORED_LIMIT, RECEIVER_LIMIT, type SendableType } from './message.schemas.js';

const DEFAULT_SENDER = 'admin';

/** A send that may be carried out. Names are in their stored form. */
export interface SendOrder {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: RestMessage;
  readonly ext: Record<string, unknown>;
  readonly onlineOnly: boolean;
  readonly syncDevice: boolean;
  /** Receivers whose history leaves it out. */
  readonly notInHistoryOf: readonly string[];
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
  checkLabel(request['env']);
  return {
    from,
    to,
    message,
    ext,
    onlineOnly: isOnlineOnly(request['routetype']),
    syncDevice: isTrue(request['sync_device']),
    notInHistoryOf: ignoredOf(request['roam_ignore_users']),
  };
}

function senderOf(from: unknown = DEFAULT_SENDER): string {
  if (from === '' || from === null) throw new DomainError('message_from_empty');
  if (typeof from !== 'string') throw new DomainError('invalid_request_body');
  const sender = foldUsername(from);
  if (!isLegalUsername(sender)) throw new DomainError('username_illegal', { username: from.slice(0, 256) });
  return sender;
}

/**
 * The older form of a send, in the newer one: `target` is `to`, and `msg` has the type beside what is the body. Pure.
 * @throws DomainError message_target_type_* | message_body_empty | invalid_request_body
 */
export function fromLegacy(request: unknown): Record<string, unknown> {
  if (!isObject(request)) throw new DomainError('invalid_request_body');
  const { target_type: targetType, target, msg, ...rest } = request;
  if (targetType === undefined || targetType === null || targetType === '') throw new DomainError('message_target_type_empty');
  if (targetType !== 'users') throw new DomainError('message_target_type_illegal', { type: String(targetType).slice(0, 64) });
  if (msg === undefined || msg === null) throw new DomainError('message_body_empty');
  if (!isObject(msg)) throw new DomainError('invalid_request_body');
  const { type, ...body } = msg;
  return { ...rest, to: target, type, body };
}

function isOnlineOnly(route: unknown): boolean {
  if (route === undefined || route === null || route === '' || route === 'ROUTE_ALL') return false;
  if (route !== 'ROUTE_ONLINE') throw new DomainError('invalid_request_body');
  return true;
}

function isTrue(value: unknown): boolean {
  if (value !== undefined && value !== null && typeof value !== 'boolean') throw new DomainError('invalid_request_body');
  return value === true;
}

function ignoredOf(users: unknown): string[] {
  if (users === undefined || users === null) return [];
  if (!Array.isArray(users) || !users.every((one): one is string => typeof one === 'string')) throw new DomainError('invalid_request_body');
  if (users.length > IGNORED_LIMIT) throw new DomainError('message_too_many_ignored', { limit: String(IGNORED_LIMIT) });
  return users.map(foldUsername);
}

/** A label for webhook rules. */
function checkLabel(env: unknown): void {
  if (env === undefined || env === null) return;
  if (typeof env !== 'string' || !/^[a-zA-Z0-9]{1,8}$/.test(env)) throw new DomainError('invalid_request_body');
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
