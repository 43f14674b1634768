import { BodyType, inspectMessageBody, MalformedFrame, NameSpace, type UplinkMeta } from '@parley/msync';

const TYPE_TAG = 1 << 3;
const receipts: ReadonlySet<number> = new Set([BodyType.READ_ACK, BodyType.DELIVER_ACK, BodyType.CHANNEL_ACK]);

/**
 * Whether this tells that something was delivered or read. Told by the first two bytes, which is where clients write the
 * type; what says so is read in full, since a later field could say otherwise. Elsewhere placed it counts as a message.
 */
export function isReceipt({ ns, payload }: Pick<UplinkMeta, 'ns' | 'payload'>): boolean {
  if (payload[0] !== TYPE_TAG || ns !== NameSpace.CHAT || !receipts.has(payload[1]!)) return false;
  try {
    return receipts.has(inspectMessageBody(payload).type);
  } catch (error) {
    if (error instanceof MalformedFrame) return false;
    throw error;
  }
}
