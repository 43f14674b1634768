import type { message } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { Pool } from 'pg';
import type { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';
import { MarkKind, type TraceMarks } from '../trace/trace-marks.js';

const MOST_ROWS = 200;
/** An answer also ends here, so that it fits the bus and no client gets a huge frame. */
const MOST_BYTES = 256 * 1024;

interface Row {
  conversation_id: string;
  peer: string;
  id: string;
  seq: string;
  meta: Buffer | null;
  /** The page ends before the queues do. */
  more: boolean;
}

/** Reads what a device has not acknowledged, of all its queues in one order. */
export class PullService {
  constructor(
    private readonly pool: Pool,
    private readonly kept: Pick<KeptHistory, 'deliveryFloorMs'>,
    private readonly marks: Pick<TraceMarks, 'noteRows'>,
  ) {}

  async pull(request: message.PullRequest): Promise<message.PullResponse> {
    const floorMs = await this.kept.deliveryFloorMs(request.tenant!.appId);
    const limit = Math.min(Math.max(request.limit, 1), MOST_ROWS);
    const { rows: found } = await this.pool.query<Row>({
      name: 'pull',
      text: `SELECT conversation_id, peer, id, seq, meta, more
        FROM unread_rows($1::integer, $2::bigint, $3::text, $4::bigint[], $5::bigint[], $6::bigint[], $7::integer, $8::bigint)`,
      values: [
        request.tenant!.appId,
        request.userId,
        request.resource,
        request.read.map((position) => position.conversationId),
        request.read.map((position) => position.id),
        request.only.length > 0 ? request.only : null,
        limit,
        idAt(floorMs),
      ],
    });
    const rows = upTo(MOST_BYTES, found).map(toRow);
    const given = rows.flatMap((row) => (row.meta ? [{ appId: request.tenant!.appId, conversationId: row.conversationId, id: row.id }] : []));
    this.marks.noteRows(given, { kind: MarkKind.pulled, userId: request.userId, resource: request.resource });
    return { rows, hasMore: found.length === limit || rows.length < found.length || found.at(-1)?.more === true, keptSinceMs: BigInt(floorMs) };
  }
}

function toRow({ conversation_id, peer, id: text, seq, meta }: Row): message.TimelineRow {
  const id = BigInt(text);
  return {
    conversationId: BigInt(conversation_id),
    peer,
    id,
    seq: BigInt(seq),
    meta: meta === null ? undefined : completeMeta(id, BigInt(idToMilliseconds(id)), meta),
  };
}

/** The first rows that fit, at least one. */
function upTo(bytes: number, rows: readonly Row[]): readonly Row[] {
  let sum = 0;
  const end = rows.findIndex((row, i) => (sum += row.meta?.length ?? 0) > bytes && i > 0);
  return end === -1 ? rows : rows.slice(0, end);
}
