import type { AppSettingsDirectory } from '@parley/app-settings';
import type { trace } from '@parley/contracts';
import { Rounds } from '@parley/rpc';
import { counter, createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';

const log = createLogger('message');
const dropped = counter('message', 'parley.trace.marks.dropped', 'marks for traces that were not kept, for there were too many');

const FLUSH_EVERY_MS = 1_000;
/** Marks of one second and replica. Beyond it traces have gaps, and messages go on as fast as ever. */
const MOST_MARKS = 500;
/** How many of them may be of what gateways told: there are many gateways. */
const MOST_PUSHED = MOST_MARKS / 2;
const CLEAN_EVERY_MS = 600_000;
const CLEAN_ROWS = 5_000;
const DAY_MS = 86_400_000;

/** What a mark says. Stored as a number. */
export const MarkKind = { published: 1, pulled: 2, acknowledged: 3, pushed: 4 } as const;
export type MarkKind = (typeof MarkKind)[keyof typeof MarkKind];

/** Something happened to a range of a timeline. */
export interface Mark {
  readonly appId: number;
  readonly conversationId: bigint;
  readonly fromId: bigint;
  readonly toId: bigint;
  readonly kind: MarkKind;
  /** Whose device; 0 and empty where it is nobody's. */
  readonly userId: bigint;
  readonly resource: string;
}

/**
 * Notes for traces: gathered in memory and written once a second, apart from what messages wait for. Bounded, best effort.
 */
export class TraceMarks {
  #marks: (Mark & { atMs: number })[] = [];
  #pushed = 0;
  readonly #rounds = [
    new Rounds(FLUSH_EVERY_MS, () => this.flush(), (error) => log.warn({ err: error }, 'marks for traces could not be written')),
    new Rounds(CLEAN_EVERY_MS, () => this.clean(), (error) => log.warn({ err: error }, 'old marks could not be removed')),
  ];

  constructor(
    private readonly pool: Pool,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  start(): void {
    for (const rounds of this.#rounds) rounds.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#rounds.map((rounds) => rounds.stop()));
    await this.flush();
  }

  note(mark: Mark, atMs = Date.now()): void {
    if (this.#marks.length >= MOST_MARKS) dropped.add(1);
    else this.#marks.push({ ...mark, atMs });
  }

  /** What a gateway wrote to devices. */
  notePushes({ pushes }: trace.NotePushesRequest): void {
    for (const { atMs, ...push } of pushes) {
      if (this.#pushed++ < MOST_PUSHED) this.note({ ...push, kind: MarkKind.pushed }, Number(atMs));
      else dropped.add(1);
    }
  }

  /** Ranges of rows that a device was given, or that were published: one mark for each conversation. */
  noteRows(
    rows: readonly { readonly appId: number; readonly conversationId: bigint; readonly id: bigint }[],
    of: Pick<Mark, 'kind' | 'userId' | 'resource'>,
  ): void {
    if (this.#marks.length >= MOST_MARKS) {
      if (rows.length > 0) dropped.add(1);
      return;
    }
    const ranges = new Map<string, { appId: number; conversationId: bigint; fromId: bigint; toId: bigint }>();
    for (const { appId, conversationId, id } of rows) {
      const key = `${appId} ${conversationId}`;
      const range = ranges.get(key);
      if (!range) ranges.set(key, { appId, conversationId, fromId: id, toId: id });
      else if (id > range.toId) range.toId = id;
      else if (id < range.fromId) range.fromId = id;
    }
    for (const range of ranges.values()) this.note({ ...range, ...of });
  }

  /** Writes what has gathered, of apps that keep traces. What cannot be written is let go. */
  async flush(): Promise<void> {
    const gathered = this.#marks;
    if (gathered.length === 0) return;
    this.#marks = [];
    this.#pushed = 0;
    try {
      const kept = await this.#ofTracedApps(gathered);
      if (kept.length === 0) return;
      await this.pool.query({
        name: 'write-marks',
        text: `INSERT INTO message_mark (app_id, conversation_id, from_id, to_id, kind, user_id, resource, at)
          SELECT a, c, f, t, k, u, r, to_timestamp(ms / 1000.0)
          FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bigint[], $7::text[], $8::bigint[])
            AS m(a, c, f, t, k, u, r, ms)`,
        values: [
          kept.map((m) => m.appId),
          kept.map((m) => m.conversationId),
          kept.map((m) => m.fromId),
          kept.map((m) => m.toId),
          kept.map((m) => m.kind),
          kept.map((m) => m.userId),
          kept.map((m) => m.resource),
          kept.map((m) => m.atMs),
        ],
      });
    } catch (error) {
      dropped.add(gathered.length);
      log.warn({ err: error }, 'marks for traces could not be written');
    }
  }

  async #ofTracedApps<M extends Mark>(marks: readonly M[]): Promise<M[]> {
    const appIds = [...new Set(marks.map((mark) => mark.appId))];
    const traced = await Promise.all(appIds.map(async (appId) => (await this.settings.of(appId)).traceDays > 0));
    const apps = new Set(appIds.filter((_, i) => traced[i]));
    return marks.filter((mark) => apps.has(mark.appId));
  }

  /** Removes what is older than its app wants, a little at a time. */
  async clean(): Promise<void> {
    let appId = 0;
    for (;;) {
      const { rows } = await this.pool.query<{ app_id: number }>('SELECT app_id FROM message_mark WHERE app_id > $1 ORDER BY app_id LIMIT 1', [appId]);
      if (!rows[0]) return;
      appId = rows[0].app_id;
      const { traceDays } = await this.settings.of(appId);
      const before = new Date(Date.now() - traceDays * DAY_MS);
      while (((await this.#remove(appId, before)) ?? 0) === CLEAN_ROWS);
    }
  }

  async #remove(appId: number, before: Date): Promise<number | null> {
    const { rowCount } = await this.pool.query(
      'DELETE FROM message_mark WHERE ctid = ANY (ARRAY(SELECT ctid FROM message_mark WHERE app_id = $1 AND at < $2 LIMIT $3))',
      [appId, before, CLEAN_ROWS],
    );
    return rowCount;
  }
}

/** A commit has been told to gateways and to the event stream. */
export function notePublished(
  marks: TraceMarks,
  batch: readonly { readonly appId: number; readonly conversationId: bigint; readonly bodyType: number }[],
  positions: readonly ({ readonly id: bigint } | undefined)[],
): void {
  const rows = batch.flatMap((one, i) => (positions[i] && isContent(one.bodyType) ? [{ appId: one.appId, conversationId: one.conversationId, id: positions[i].id }] : []));
  marks.noteRows(rows, { kind: MarkKind.published, userId: 0n, resource: '' });
}

/** Receipts and news of the system queue have no trace of their own. */
function isContent(bodyType: number): boolean {
  return bodyType < 48;
}
