import { type Bus, eventSubjects } from '@parley/bus';
import type { Pool } from 'pg';
import type { UserDirectory } from '../conversation/user-directory.js';

/**
 * A deleted user's devices and cursors go; what he wrote stays readable for those he wrote to, until retention takes
 * it. Ids are never used again, so a later user of the same name starts with nothing.
 */
export async function consumeUserDeleted(bus: Bus, pool: Pool, directory: UserDirectory): Promise<void> {
  await bus.consumeEvents(eventSubjects.userDeleted, 'message-user-deleted', async ({ appId, userId, username }) => {
    directory.forget(appId, username);
    await pool.query('DELETE FROM device_cursor WHERE app_id = $1 AND user_id = $2', [appId, userId]);
    await pool.query('DELETE FROM device WHERE app_id = $1 AND user_id = $2', [appId, userId]);
  });
}
