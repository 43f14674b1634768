import type { accounts, attributes, auth, exchange, issuers, mutes, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** The gRPC clients and their injection tokens. */
export type AuthClient = RpcClient<typeof auth.AuthServiceService>;
export type UserClient = RpcClient<typeof user.UserServiceService>;
export type ExchangeClient = RpcClient<typeof exchange.TokenExchangeServiceService>;
export type IssuerClient = RpcClient<typeof issuers.IssuerServiceService>;
export const AUTH_CLIENT = Symbol('auth client');
export const USER_CLIENT = Symbol('user client');
export const EXCHANGE_CLIENT = Symbol('token exchange client');
export const ISSUER_CLIENT = Symbol('token issuer client');

export type AccountClient = RpcClient<typeof accounts.AccountServiceService>;
export const ACCOUNT_CLIENT = Symbol('account client');
export type AttributeClient = RpcClient<typeof attributes.AttributeServiceService>;
export const ATTRIBUTE_CLIENT = Symbol('attribute client');
export type MuteClient = RpcClient<typeof mutes.MuteServiceService>;
export const MUTE_CLIENT = Symbol('mute client');
