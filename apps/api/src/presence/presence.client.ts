import type { presence } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type PresenceClient = RpcClient<typeof presence.PresenceServiceService>;
export const PRESENCE_CLIENT = Symbol('presence client');
