import type { stream } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type StreamClient = RpcClient<typeof stream.StreamServiceService>;
export const STREAM_CLIENT = Symbol('stream client');
