import type { messageUsage, userUsage } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type UserUsageClient = RpcClient<typeof userUsage.UserUsageServiceService>;
export const USER_USAGE_CLIENT = Symbol('user usage client');
export type MessageUsageClient = RpcClient<typeof messageUsage.MessageUsageServiceService>;
export const MESSAGE_USAGE_CLIENT = Symbol('message usage client');
