export { type RunningService } from './running-service.js';
export { startRpcServer, type RpcServerOptions, type RunningRpcServer } from './rpc.server.js';
export { rpcClient, type RpcCallOptions, type RpcClient, type RpcClientOptions } from './rpc.client.js';
export { type RpcImplementation, type RpcService } from './rpc.types.js';
export { startHealthServer, type HealthServerOptions, type RunningHealthServer } from './health.server.js';
export { runService } from './run-service.js';
