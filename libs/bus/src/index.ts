export { Bus, type LiveSubscription } from './bus.js';
export { BusError } from './bus.error.js';
export { broadcasts, type BroadcastSubject, type EventSubject, eventStream, eventSubjects, liveSubject, requests, type RequestSubject } from './subjects.js';
export { RequestBatcher } from './request-batcher.js';
