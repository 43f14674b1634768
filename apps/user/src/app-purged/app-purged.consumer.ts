import { type Bus, eventSubjects } from '@parley/bus';
import { purgeApp } from '@parley/db';
import type { Pool } from 'pg';

/** Deletes everything of an app that is gone for good. What is not done in time goes on when the event comes again. */
export async function consumeAppPurged(bus: Bus, pool: Pool): Promise<void> {
  await bus.consumeEvents(eventSubjects.appPurged, 'user-app-purged', async ({ appId }) => {
    if (!(await purgeApp(pool, appId))) throw new Error(`app ${appId} is not purged yet`);
  });
}
