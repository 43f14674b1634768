import { BodyType, Command, ContentType, NameSpace, OsType } from '../constants.js';
import { type Jid, userJid, writeJid } from '../jid/jid.codec.js';
import { scratch } from '../wire/wire.writer.js';

/** A login. */
export interface ClientLogin {
  appKey: string;
  user: string;
  resource: string;
  /** Without the `$t$` in front. */
  token: string;
  deviceName?: string;
  deviceUuid?: string;
  /** OS_OTHER when absent, as browsers send. */
  osType?: number;
  osCustomValue?: number;
  sessionId?: string;
  /** Shown to a device that this login displaces. */
  reason?: string;
}

/** A message to send. */
export interface ClientSend {
  /** Unique for this client, > 0. */
  id: bigint;
  to: Jid;
  payload: Uint8Array;
  /** See RouteType. */
  routetype?: number;
  /** CHAT when absent. */
  ns?: number;
  /** Encoded KeyValues. */
  ext?: readonly Uint8Array[];
  directedUsers?: readonly string[];
  /** A careful client leaves it out; here to try what a forger would. */
  from?: Jid;
}

const unreadFrame = withoutPayload(Command.UNREAD);

/** The frame that logs in. */
export function encodeProvision(login: ClientLogin): Buffer {
  const auth = `$t$${login.token}`;
  scratch.start().uint32(1, 0);
  const guid = userJid(login.appKey, login.user, login.resource);
  writeJid(scratch, 2, guid).string(3, auth).uint32(8, Command.PROVISION);
  const payload = scratch.open(9);
  scratch
    .uint32(1, login.osType ?? OsType.OS_OTHER)
    .string(2, '1.4.0')
    .uint32(5, 0)
    .uint32(6, 0);
  scratch.text(9, login.deviceUuid).text(12, login.deviceName).string(13, login.resource).string(17, 'v5.1');
  scratch.string(18, JSON.stringify({ token: auth }));
  if (login.osCustomValue !== undefined) scratch.uint32(19, login.osCustomValue);
  scratch.text(20, login.sessionId).text(21, login.reason).close(payload);
  return scratch.uint32(10, 0).uint32(11, 0).take();
}

/** The frame that asks for the unread queues. */
export function encodeUnread(): Buffer {
  return unreadFrame;
}

/** The frame that sends a message. */
export function encodeSend(send: ClientSend): Buffer {
  const payload = beginPayload(Command.SYNC);
  const meta = scratch.open(1);
  scratch.uint64(1, send.id);
  if (send.from) writeJid(scratch, 2, send.from);
  writeJid(scratch, 3, send.to)
    .uint32(5, send.ns ?? NameSpace.CHAT)
    .bytes(6, send.payload);
  if (send.routetype !== undefined) scratch.uint32(7, send.routetype);
  for (const entry of send.ext ?? []) scratch.bytes(8, entry);
  for (const user of send.directedUsers ?? []) scratch.string(10, user);
  scratch.close(meta);
  return endPayload(payload);
}

/** The frame that asks for a page of a queue, acknowledging everything up to `key`. */
export function encodeSync(request: { queue: Jid; key?: bigint }): Buffer {
  const payload = beginPayload(Command.SYNC);
  if (request.key !== undefined) scratch.uint64(2, request.key);
  writeJid(scratch, 3, request.queue);
  return endPayload(payload);
}

/** The frame that ends the session. */
export function encodeLogout(logout: { sessionId?: string; reason?: string } = {}): Buffer {
  const payload = beginPayload(Command.LOGOUT);
  scratch.text(1, logout.sessionId).text(2, logout.reason);
  return endPayload(payload);
}

/** The body of a one-to-one text message. */
export function textBody(message: { from: string; to: string; text: string }): Buffer {
  scratch.start().uint32(1, BodyType.CHAT);
  writeName(2, message.from);
  writeName(3, message.to);
  const content = scratch.open(4);
  return scratch.uint32(1, ContentType.TEXT).string(2, message.text).close(content).take();
}

function withoutPayload(command: number): Buffer {
  return scratch.start().uint32(1, 0).uint32(8, command).uint32(11, 0).take();
}

function beginPayload(command: number): number {
  return scratch.start().uint32(1, 0).uint32(8, command).open(9);
}

function endPayload(mark: number): Buffer {
  return scratch.close(mark).uint32(11, 0).take();
}

function writeName(field: number, name: string): void {
  const start = scratch.open(field);
  scratch.string(2, name).close(start);
}
