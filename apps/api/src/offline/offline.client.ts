import { offline } from '@parley/contracts';
import { type RpcClient, rpcClient } from '@parley/rpc';

export type OfflineClient = RpcClient<typeof offline.OfflineServiceService>;
export const OFFLINE_CLIENT = Symbol('offline client');

export function connectOffline(address: string): OfflineClient {
  return rpcClient(offline.OfflineServiceClient, address);
}
