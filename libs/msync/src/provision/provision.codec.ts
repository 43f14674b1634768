import { beginFrame, endFrame } from '../envelope/envelope.codec.js';
import { Command } from '../constants.js';
import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';
import { scratch } from '../wire/wire.writer.js';
import { writeStatus, type StatusFields } from '../envelope/status.codec.js';

/** What a device tells about itself at login. Absent texts are '', absent numbers 0. */
export interface Provision {
  /** See OsType. */
  osType: number;
  osCustomValue: number;
  version: string;
  deviceUuid: string;
  deviceName: string;
  resource: string;
  /** JSON text `{"token":"$t$…"}` */
  authToken: string;
  sessionId: string;
  /** Shown to a device that this login displaces. */
  reason: string;
  password: string;
}

/** The server's answer to a login. */
export interface ProvisionAnswer {
  status: StatusFields;
  /** The device id; clients take it over. */
  resource: string;
  /** JSON text `{"expires_in": <epoch ms>}` */
  authToken?: string;
  sessionId?: string;
}

/** Reads the payload of a PROVISION. @throws MalformedFrame */
export function decodeProvision(payload: Uint8Array): Provision {
  const reader = new WireReader(payload);
  const provision: Provision = {
    osType: 0,
    osCustomValue: 0,
    version: '',
    deviceUuid: '',
    deviceName: '',
    resource: '',
    authToken: '',
    sessionId: '',
    reason: '',
    password: '',
  };
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case (1 << 3) | 0:
        provision.osType = reader.uint32();
        break;
      case (2 << 3) | 2:
        provision.version = reader.string(wireLimits.textBytes);
        break;
      case (9 << 3) | 2:
        provision.deviceUuid = reader.string(wireLimits.textBytes);
        break;
      case (11 << 3) | 2:
        provision.password = reader.string(wireLimits.textBytes);
        break;
      case (12 << 3) | 2:
        provision.deviceName = reader.string(wireLimits.textBytes);
        break;
      case (13 << 3) | 2:
        provision.resource = reader.string(wireLimits.jidPartBytes);
        break;
      case (18 << 3) | 2:
        provision.authToken = reader.string(wireLimits.tokenBytes);
        break;
      case (19 << 3) | 0:
        provision.osCustomValue = reader.uint32();
        break;
      case (20 << 3) | 2:
        provision.sessionId = reader.string(wireLimits.textBytes);
        break;
      case (21 << 3) | 2:
        provision.reason = reader.string(wireLimits.textBytes);
        break;
      default:
        reader.skip(tag);
    }
  }
  return provision;
}

/** The whole frame that answers a PROVISION. */
export function encodeProvisionAnswer(answer: ProvisionAnswer): Buffer {
  const frame = beginFrame(Command.PROVISION);
  writeStatus(scratch, 8, answer.status);
  scratch.string(13, answer.resource).text(18, answer.authToken).text(20, answer.sessionId);
  return endFrame(frame);
}
