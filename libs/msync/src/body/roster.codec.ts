import { type Jid, writeJid } from '../jid/jid.codec.js';
import { scratch } from '../wire/wire.writer.js';

/** What happened between two users, as clients are told. */
export const RosterOperation = {
  GET_ROSTER: 0,
  GET_BLACKLIST: 1,
  ADD: 2,
  REMOVE: 3,
  ACCEPT: 4,
  DECLINE: 5,
  BAN: 6,
  ALLOW: 7,
  REMOTE_ACCEPT: 8,
  REMOTE_DECLINE: 9,
} as const;
export type RosterOperation = (typeof RosterOperation)[keyof typeof RosterOperation];

/**
 * The payload of a meta in the name space ROSTER. Clients read both sides without a guard.
 * @param reason left out when ''
 */
export function encodeRosterBody(body: { operation: RosterOperation; from: Jid; to: Jid; reason: string }): Buffer {
  scratch.start().uint32(1, body.operation);
  writeJid(scratch, 3, body.from);
  writeJid(scratch, 4, body.to);
  return scratch.text(5, body.reason).take();
}
