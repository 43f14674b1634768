export { Bus, type LiveSubscription } from './bus.js';
export { BusError } from './bus.error.js';
export { eventStream, eventSubjects, liveSubject, requests } from './subjects.js';
export { RequestBatcher } from './request-batcher.js';
