import { type WireReader } from '../wire/wire.reader.js';
import { wireLimits } from '../wire/wire.limits.js';
import type { WireWriter } from '../wire/wire.writer.js';

/** The outcome of a request: see StatusCode. Clients match some reasons literally. */
export interface StatusFields {
  code: number;
  reason?: string;
}

/** An encoded CommSyncDL or CommUnreadDL field 1: status OK. */
export const statusOk = Buffer.from([(1 << 3) | 2, 2, 1 << 3, 0]);

/** Writes a status as the given field. */
export function writeStatus(writer: WireWriter, field: number, status: StatusFields): void {
  const start = writer.open(field);
  writer.uint32(1, status.code).text(2, status.reason).close(start);
}

/** Reads the nested status whose tag has just been read. @throws MalformedFrame */
export function readStatus(reader: WireReader): Required<StatusFields> {
  const outer = reader.enter();
  const status = { code: 0, reason: '' };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 1 << 3) status.code = reader.uint32();
    else if (tag === ((2 << 3) | 2)) status.reason = reader.string(wireLimits.textBytes);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return status;
}
