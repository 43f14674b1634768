import type { user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** Injection token of the service's own configuration section. */
export const AUTH_CONFIG = Symbol('auth configuration');

/** Injection token of the user service's client. */
export const USERS = Symbol('user service');
export type Users = RpcClient<typeof user.UserServiceService>;
