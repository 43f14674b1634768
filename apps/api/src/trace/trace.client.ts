import type { trace } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type TraceClient = RpcClient<typeof trace.TraceServiceService>;
export const TRACE_CLIENT = Symbol('trace client');
