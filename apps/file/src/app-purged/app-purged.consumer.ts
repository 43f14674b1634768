import { type Bus, eventSubjects } from '@parley/bus';
import type { Pool } from 'pg';

const BATCH = 5_000;

/** Lets every file of an app that is gone for good expire: the sweeper then removes the bytes before the rows. */
export async function consumeAppPurged(bus: Bus, pool: Pool): Promise<void> {
  await bus.consumeEvents(eventSubjects.appPurged, 'file-app-purged', async ({ appId }) => {
    for (;;) {
      const { rowCount } = await pool.query(
        `UPDATE chatfile SET expires_at = now(), base_expires_at = now(), uploader = '', filename = ''
          WHERE app_id = $1 AND file_id IN (SELECT file_id FROM chatfile WHERE app_id = $1 AND state = 1 AND expires_at > now() LIMIT ${BATCH})`,
        [appId],
      );
      if ((rowCount ?? 0) < BATCH) return;
    }
  });
}
