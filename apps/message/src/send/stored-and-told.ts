import { notePublished, type TraceMarks } from '../trace/trace-marks.js';
import type { AppendStore } from './append.store.js';
import type { Committed } from './group-commit.js';
import type { Deliveries, Delivery } from './live-delivery.js';

/** A commit as a GroupCommit makes it: stores a batch, then tells of it; nothing is stored that cannot be told. */
export function storedAndTold(
  store: Pick<AppendStore, 'append'>,
  deliveries: Pick<Deliveries, 'mustBePossible' | 'publish'>,
  marks: TraceMarks,
): (batch: readonly Delivery[]) => Promise<Committed> {
  return async (batch) => {
    deliveries.mustBePossible();
    const positions = await store.append(batch);
    const published = deliveries.publish(batch, positions).then(() => notePublished(marks, batch, positions));
    return { positions, published };
  };
}
