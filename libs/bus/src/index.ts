export { Bus, type LiveSubscription } from './bus.js';
export { BusError } from './bus.error.js';
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
