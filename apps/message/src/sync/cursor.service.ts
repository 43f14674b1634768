import type { message } from '@parley/contracts';
import type { Pool } from 'pg';
import { MarkKind, type TraceMarks } from '../trace/trace-marks.js';

/** Moves of device cursors, as gateways gather them. Repeating or reordering moves changes nothing. */
export class CursorService {
  constructor(
    private readonly pool: Pool,
    private readonly marks: Pick<TraceMarks, 'note'>,
  ) {}

  async move({ moves }: message.MoveCursorsRequest): Promise<message.MoveCursorsResponse> {
    if (moves.length === 0) return {};
    await this.pool.query({
      name: 'move-cursors',
      text: 'SELECT move_cursors($1::integer[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])',
      values: [
        moves.map((m) => m.appId),
        moves.map((m) => m.userId),
        moves.map((m) => m.conversationId),
        moves.map((m) => m.resource),
        moves.map((m) => m.id),
        moves.map((m) => m.seq),
      ],
    });
    for (const { appId, conversationId, userId, resource, id } of moves) {
      this.marks.note({ appId, conversationId, fromId: 0n, toId: id, kind: MarkKind.acknowledged, userId, resource });
    }
    return {};
  }
}
