import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';
import type { Quotas } from '../usage/quotas.js';

/** A device that gives way to the login at that place of the batch. */
export interface Displacement {
  ord: number;
  resource: string;
  sessionId: string;
}

/** The active user of the day is noted in the same statement: a row for the first session of each day only. */
const OPEN = `WITH opened AS MATERIALIZED (
    SELECT o.ord, o.verdict, o.displaced, o.displaced_session
    FROM open_sessions($1::int[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9) o),
  active AS (
    INSERT INTO active_user (app_id, day, user_id)
    SELECT DISTINCT ($1::int[])[o.ord], (clock_timestamp() AT TIME ZONE 'UTC')::date, ($2::bigint[])[o.ord]
    FROM opened o WHERE o.verdict = 1 AND o.displaced IS NULL ON CONFLICT DO NOTHING RETURNING app_id, day, user_id),
  months AS (
    INSERT INTO active_user_month (app_id, month, user_id)
    SELECT app_id, date_trunc('month', day)::date, user_id FROM active ON CONFLICT DO NOTHING)
  SELECT ord, verdict, displaced, displaced_session FROM opened`;
const OPEN_WITHIN = `SELECT ord, verdict, displaced, displaced_session
  FROM open_sessions_within($1::int[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9, $10::int[], $11::int[])`;

/** Devices, on the path of every login: one round trip for a batch, plain `pg`, prepared once per connection. */
@Injectable()
export class SessionStore {
  constructor(private readonly pool: Pool) {}

  /** Admits a batch: a verdict for each login in order (numbers of SessionVerdict), and who gives way. */
  async open(
    logins: readonly user.OpenSession[],
    devicesPerPlatform: number,
    quotas: ReadonlyMap<number, Quotas>,
  ): Promise<{ verdicts: number[]; displacements: Displacement[] }> {
    const quotaOf = (login: user.OpenSession): Quotas => quotas.get(login.tenant?.appId ?? 0) ?? {};
    const within = logins.some((login) => quotaOf(login).connections !== undefined || quotaOf(login).dailyActive !== undefined);
    const { rows } = await this.pool.query<{ ord: number; verdict: number; displaced: string | null; displaced_session: string }>({
      name: within ? 'open_sessions_within' : 'open_sessions_3',
      text: within ? OPEN_WITHIN : OPEN,
      values: [
        logins.map((login) => login.tenant?.appId ?? 0),
        logins.map((login) => String(login.userId)),
        logins.map((login) => login.tokenEpoch),
        logins.map((login) => storable(login.resource)),
        logins.map((login) => storable(login.platform)),
        logins.map((login) => storable(login.deviceUuid)),
        logins.map((login) => storable(login.deviceName)),
        logins.map((login) => storable(login.sessionId)),
        devicesPerPlatform,
        ...(within ? [logins.map((login) => quotaOf(login).connections ?? null), logins.map((login) => quotaOf(login).dailyActive ?? null)] : []),
      ],
    });
    const verdicts = new Array<number>(logins.length).fill(0);
    const displacements: Displacement[] = [];
    for (const row of rows) {
      if (row.displaced === null) verdicts[row.ord - 1] = row.verdict;
      else displacements.push({ ord: row.ord - 1, resource: row.displaced, sessionId: row.displaced_session });
    }
    return { verdicts, displacements };
  }

  /** Marks devices as logged out, each only if it still belongs to that session; who logged out of himself gets no more pushes. */
  async close(sessions: readonly user.ClosedSession[]): Promise<void> {
    await this.pool.query({
      name: 'close_sessions_2',
      text: 'SELECT close_sessions($1::int[], $2::bigint[], $3::text[], $4::text[], $5::boolean[])',
      values: [
        sessions.map((session) => session.appId),
        sessions.map((session) => String(session.userId)),
        sessions.map((session) => storable(session.resource)),
        sessions.map((session) => storable(session.sessionId)),
        sessions.map((session) => session.loggedOut),
      ],
    });
  }

  /** A device that is signed out by others gets no more pushes. */
  async endPushes(tenant: TenantRef, userId: bigint, resource: string): Promise<void> {
    await this.pool.query(
      `WITH owner AS MATERIALIZED (SELECT app_id, user_id FROM app_user WHERE app_id = $1 AND user_id = $2 FOR NO KEY UPDATE)
      SELECT unbind_signed_out(o.app_id, o.user_id, $3) FROM owner o`,
      [tenant.appId, String(userId), storable(resource)],
    );
  }
}

/** PostgreSQL takes no NUL in a text, and one client's must not fail the batch of all. */
function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}
