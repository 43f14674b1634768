import type { message } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { Pool } from 'pg';
import type { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';
import { MarkKind, type TraceMarks } from '../trace/trace-marks.js';
import { PACKED_ROWS, type StoredRow, unpackRows } from './packed-rows.js';

const MOST_ROWS = 400;
/** An answer also ends here, so that it fits the bus and no client gets a huge frame. */
const MOST_BYTES = 256 * 1024;

interface Page {
  /** Null when there is nothing. */
  rows: Buffer | null;
  /** The page ends before the queues do. */
  more: boolean | null;
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
    const { rows: pages } = await this.pool.query<Page>({
      name: 'pull',
      text: `SELECT ${PACKED_ROWS} AS rows, bool_or(more) AS more
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
    const page = pages[0]!;
    const found = page.rows ? unpackRows(page.rows) : [];
    const rows = upTo(MOST_BYTES, found).map(toRow);
    const given = rows.flatMap((row) => (row.meta ? [{ appId: request.tenant!.appId, conversationId: row.conversationId, id: row.id }] : []));
    this.marks.noteRows(given, { kind: MarkKind.pulled, userId: request.userId, resource: request.resource });
    return { rows, hasMore: found.length === limit || rows.length < found.length || page.more === true, keptSinceMs: BigInt(floorMs) };
  }
}

function toRow(row: StoredRow): message.TimelineRow {
  return { ...row, meta: row.meta && completeMeta(row.id, BigInt(idToMilliseconds(row.id)), row.meta) };
}

/** The first rows that fit, at least one. */
function upTo(bytes: number, rows: readonly StoredRow[]): readonly StoredRow[] {
  let sum = 0;
  const end = rows.findIndex((row, i) => (sum += row.meta?.length ?? 0) > bytes && i > 0);
  return end === -1 ? rows : rows.slice(0, end);
}
