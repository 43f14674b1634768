import { type Bus, BusError } from '@parley/bus';
import { notePublished, type TraceMarks } from '../trace/trace-marks.js';
import type { AppendStore } from './append.store.js';
import type { Committed } from './group-commit.js';
import type { Deliveries, Delivery } from './live-delivery.js';

/**
 * A commit as a GroupCommit makes it: stores a batch, then tells of it. While NATS is known to be away nothing is stored: its
 * event could not be accepted, so the sender would hear that it failed while others see it.
 */
export function storedAndTold(
  bus: Pick<Bus, 'isOnline'>,
  store: Pick<AppendStore, 'append'>,
  deliveries: Pick<Deliveries, 'publish'>,
  marks: TraceMarks,
): (batch: readonly Delivery[]) => Promise<Committed> {
  return async (batch) => {
    if (!bus.isOnline) throw new BusError('unavailable', 'events');
    const positions = await store.append(batch);
    const published = deliveries.publish(batch, positions).then(() => notePublished(marks, batch, positions));
    return { positions, published };
  };
}
