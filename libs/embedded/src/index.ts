export { assertPortFree, freePort, PortTakenError } from './process/port.js';
export { endProcess, isSameProcess, type ProcessIdentity, processIdentity } from './process/identity.js';
export { type Incarnation, Part, type PartEvents } from './process/part.js';
export { type Exit, type Log, type ServerProcess, startServerProcess } from './process/server-process.js';
export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres/postgres.server.js';
export { type NatsOptions, type RunningNats, startNats } from './nats/nats.server.js';
export { findNatsServer } from './nats/nats.binary.js';
