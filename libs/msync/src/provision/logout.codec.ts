import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';

/** The client ends its session. Absent texts are ''. */
export interface Logout {
  sessionId: string;
  reason: string;
}

/** Reads the payload of a LOGOUT. @throws MalformedFrame */
export function decodeLogout(payload: Uint8Array): Logout {
  const reader = new WireReader(payload);
  const logout: Logout = { sessionId: '', reason: '' };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | 2)) logout.sessionId = reader.string(wireLimits.textBytes);
    else if (tag === ((2 << 3) | 2)) logout.reason = reader.string(wireLimits.textBytes);
    else reader.skip(tag);
  }
  return logout;
}
