import { scratch } from '../wire/wire.writer.js';

/**
 * The payload of the meta (name space STATISTIC) that must precede the end of a session, lest the client reconnects.
 * @param operation see StatisticsOperation
 * @param reason for a displaced device the text that the other login carried; left out when ''
 */
export function encodeStatisticsMetaBody(operation: number, reason: string): Buffer {
  return scratch.start().uint32(1, operation).text(10, reason).take();
}
