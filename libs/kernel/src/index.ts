export { type TenantRef, tenantFromAuthentication } from './tenant.js';
export { EphemeralIds, isEphemeralId, idToMilliseconds, ID_EPOCH_MS } from './ids.js';
export { SYSTEM_PARTY_ID, SYSTEM_QUEUE } from './system-queue.js';
export { foldUsername, isLegalUsername, USERNAME_MAX_BYTES } from './username.js';
export { isPermission, type Permission, permissions } from './permission.js';
export { networkOf } from './network.js';
