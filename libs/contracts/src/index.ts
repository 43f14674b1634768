// One door to the generated contracts: `auth.AuthServiceDefinition`, `message.SendItem`, ...
export * as auth from './generated/parley/auth/v1/auth.js';
export * as user from './generated/parley/user/v1/user.js';
export * as policy from './generated/parley/user/v1/policy.js';
export * as message from './generated/parley/message/v1/message.js';
export * as system from './generated/parley/message/v1/system.js';
export * as live from './generated/parley/live/v1/live.js';
export * as revocation from './generated/parley/revocation/v1/revocation.js';
export * as events from './generated/events/v1/events.js';
export type { Tenant } from './generated/parley/tenant/v1/tenant.js';
export * as adminAccess from './generated/parley/auth/v1/admin_access.js';
export * as organisations from './generated/parley/auth/v1/organisations.js';
export * as appAdmin from './generated/parley/auth/v1/app_admin.js';
export * as keys from './generated/parley/auth/v1/keys.js';
export * as tokenOwner from './generated/parley/user/v1/token_owner.js';
export * as exchange from './generated/parley/auth/v1/exchange.js';
export * as certificates from './generated/parley/auth/v1/certificates.js';
export * as issuers from './generated/parley/auth/v1/issuers.js';
