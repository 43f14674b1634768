export { type RunningService, runningService } from './service/running-service.js';
export { shareServers } from './near-servers.js';
export { startRpcServer, type RpcServerOptions, type RunningRpcServer } from './rpc.server.js';
export { rpcClient, type RpcCallOptions, type RpcClient, type RpcClientOptions } from './rpc.client.js';
export { type RpcImplementation, type RpcService } from './rpc.types.js';
export { serveHealth, startHealthServer, type HealthServerOptions, type RunningHealthServer } from './service/health.server.js';
export { Rounds } from './service/rounds.js';
export { runService } from './service/run-service.js';
export { type PartSymbol, provide, type Token } from './service/wiring.js';
