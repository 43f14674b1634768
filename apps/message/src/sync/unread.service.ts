import type { message } from '@parley/contracts';
import type { Pool } from 'pg';

/** Queues in one answer; the rest follow when these are read (the client asks again with every heartbeat). */
const MOST_QUEUES = 500;

/** What a device has not acknowledged yet, by queue. Makes a new device known. */
export class UnreadService {
  constructor(private readonly pool: Pool) {}

  async unread(request: message.UnreadRequest): Promise<message.UnreadResponse> {
    const { rows } = await this.pool.query<{ conversation_id: string; peer: string; n: number }>({
      name: 'unread',
      text: 'SELECT conversation_id, peer, n FROM unread_of($1, $2, $3, $4)',
      values: [request.tenant!.appId, request.userId, request.resource, MOST_QUEUES],
    });
    return { queues: rows.map((row) => ({ conversationId: BigInt(row.conversation_id), peer: row.peer, count: row.n })) };
  }
}
