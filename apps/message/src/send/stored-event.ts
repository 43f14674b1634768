import { type Bus, eventSubjects } from '@parley/bus';
import type { events } from '@parley/contracts';
import { mayNameFiles } from '@parley/msync';
import { bySize } from './by-size.js';

/** Publishes that these messages of one app are stored. Resolves when JetStream has accepted it; rejects when it has not. */
export async function publishStored(bus: Bus, appId: number, messages: readonly events.StoredMessage[]): Promise<void> {
  const withFiles: events.StoredMessage[] = [];
  const plain: events.StoredMessage[] = [];
  for (const message of messages) (mayNameFiles(message.meta) ? withFiles : plain).push(message);
  await Promise.all([
    ...bySize(plain).map((part) => bus.publishEvent(eventSubjects.messagesStored, appId, { appId, messages: part })),
    ...bySize(withFiles).map((part) => bus.publishEvent(eventSubjects.messagesWithFilesStored, appId, { appId, messages: part })),
  ]);
}
