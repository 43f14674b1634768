export { Bus } from './bus.js';
export { BusError } from './bus.error.js';
export { shareLinks } from './link.js';
export {
  broadcasts,
  type BroadcastSubject,
  EVERY_STORED_MESSAGE,
  type EventSubject,
  eventStream,
  eventSubjects,
  liveSubject,
  requests,
  type RequestSubject,
} from './subjects.js';
export { RequestBatcher } from './request-batcher.js';
export type { Subscription } from './subscription.js';
