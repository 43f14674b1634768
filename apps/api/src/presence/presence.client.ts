import { presence } from '@parley/contracts';
import { type RpcClient, rpcClient } from '@parley/rpc';

export type PresenceClient = RpcClient<typeof presence.PresenceServiceService>;
export const PRESENCE_CLIENT = Symbol('presence client');

export function connectPresence(address: string): PresenceClient {
  return rpcClient(presence.PresenceServiceClient, address);
}
