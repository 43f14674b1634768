import type { offline } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type OfflineClient = RpcClient<typeof offline.OfflineServiceService>;
export const OFFLINE_CLIENT = Symbol('offline client');
