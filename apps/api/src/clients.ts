import type { auth, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** The gRPC clients and their injection tokens. */
export type AuthClient = RpcClient<typeof auth.AuthServiceService>;
export type UserClient = RpcClient<typeof user.UserServiceService>;
export const AUTH_CLIENT = Symbol('auth client');
export const USER_CLIENT = Symbol('user client');
