import type { tokenOwner, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** Injection token of the service's own configuration section. */
export const AUTH_CONFIG = Symbol('auth configuration');

/** Injection token of the user service's client. */
export const USERS = Symbol('user service');
export type Users = RpcClient<typeof user.UserServiceService>;

/** Injection token of the user service's client for owners of tokens that others made. */
export const TOKEN_OWNERS = Symbol('token owners');
export type TokenOwners = RpcClient<typeof tokenOwner.TokenOwnerServiceService>;
