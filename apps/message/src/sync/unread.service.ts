import type { message } from '@parley/contracts';
import type { Pool } from 'pg';
import type { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';

/** Queues in one answer to one device; the rest follow when these are read (the client asks again with every heartbeat). */
const MOST_QUEUES = 500;
/** Queues in one answer to many: a reconnect storm must still fit the bus. */
const MOST_QUEUES_TOGETHER = 5_000;

interface Row {
  ord: string;
  conversation_id: string;
  peer: string;
  n: number;
}

/** What devices have not acknowledged yet, by queue. Makes new devices known. */
export class UnreadService {
  constructor(
    private readonly pool: Pool,
    private readonly kept: Pick<KeptHistory, 'deliveryFloorMs'>,
  ) {}

  async unread({ devices }: message.UnreadRequest): Promise<message.UnreadResponse> {
    const answer = devices.map((): message.UnreadQueues => ({ queues: [] }));
    if (devices.length === 0) return { devices: answer };
    const apps = [...new Set(devices.map((d) => d.appId))];
    const floors = new Map(await Promise.all(apps.map(async (appId) => [appId, idAt(await this.kept.deliveryFloorMs(appId))] as const)));
    const { rows } = await this.pool.query<Row>({
      name: 'unread',
      text: `SELECT d.ord, u.conversation_id, u.peer, u.n
        FROM unnest($1::integer[], $2::bigint[], $3::text[], $5::bigint[]) WITH ORDINALITY AS d(app_id, user_id, resource, floor, ord)
        CROSS JOIN LATERAL unread_of(d.app_id, d.user_id, d.resource, $4, d.floor) u`,
      values: [
        devices.map((d) => d.appId),
        devices.map((d) => d.userId),
        devices.map((d) => d.resource),
        queuesFor(devices.length),
        devices.map((d) => floors.get(d.appId)!),
      ],
    });
    for (const row of rows) {
      answer[Number(row.ord) - 1]!.queues.push({ conversationId: BigInt(row.conversation_id), peer: row.peer, count: row.n });
    }
    return { devices: answer };
  }
}

function queuesFor(devices: number): number {
  return Math.max(1, Math.min(MOST_QUEUES, Math.floor(MOST_QUEUES_TOGETHER / devices)));
}
