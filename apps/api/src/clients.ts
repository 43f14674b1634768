import type { accounts, attributes, auth, edit, exchange, issuers, mutes, push, reaction, recall, user } from '@parley/contracts';
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
export type PushClient = RpcClient<typeof push.PushServiceService>;
export const PUSH_CLIENT = Symbol('push client');

export type RecallClient = RpcClient<typeof recall.RecallServiceService>;
export const RECALL_CLIENT = Symbol('recall client');
export type EditClient = RpcClient<typeof edit.EditServiceService>;
export const EDIT_CLIENT = Symbol('edit client');
export type ReactionClient = RpcClient<typeof reaction.ReactionServiceService>;
export const REACTION_CLIENT = Symbol('reaction client');
