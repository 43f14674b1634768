import { trace } from '@parley/contracts';
import { rpcClient, type RpcClient } from '@parley/rpc';

export type TraceClient = RpcClient<typeof trace.TraceServiceService>;
export const TRACE_CLIENT = Symbol('trace client');

export function connectTrace(address: string): TraceClient {
  return rpcClient(trace.TraceServiceClient, address);
}
