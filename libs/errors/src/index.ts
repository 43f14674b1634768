export { catalogue, type CatalogueEntry, type ErrorCode } from './catalogue.js';
export { DomainError, isErrorCode } from './domain.error.js';
export { type ErrorEnvelope, toEnvelope } from './rest.mapping.js';
export { fromGrpcError, toGrpcStatus } from './grpc.mapping.js';
export { toMsyncStatus } from './msync.mapping.js';
