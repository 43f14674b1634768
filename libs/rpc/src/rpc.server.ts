import {
  type handleUnaryCall,
  type Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { DomainError } from '@parley/errors';
import { createLogger, withRemoteParent } from '@parley/telemetry';
import { toServerStatus } from './error.filter.js';
import { MAX_MESSAGE_BYTES, type RpcService, TRACEPARENT } from './rpc.types.js';

const log = createLogger('rpc');

export interface RpcServerOptions {
  /** "host:port"; port 0 = any free port. */
  address: string;
  services: readonly RpcService[];
  /** Calls at work at the same time; further ones are refused as retryable instead of queued without end. */
  maxConcurrentCalls?: number;
  /** How long `stop` waits for calls at work, in ms. */
  stopDeadlineMs?: number;
}

export interface RunningRpcServer {
  /** "host:port" with the real port. */
  readonly address: string;
  /** Takes no new calls, finishes those at work, then closes. */
  stop(): Promise<void>;
}

type Method = (request: unknown) => Promise<unknown>;

/** Starts a gRPC server (plain HTTP/2: the inner network or a mesh encrypts). Rejects when the address is taken. */
export async function startRpcServer(options: RpcServerOptions): Promise<RunningRpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // A book kept of every call for a tool that nobody runs.
    'grpc.enable_channelz': 0,
  });
  const load = { calls: 0, limit: options.maxConcurrentCalls ?? 4_096 };
  for (const [definition, implementation] of options.services) {
    const methods = implementation as Record<string, Method>;
    const handlers: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      handlers[name] = unary(method.path, methods[name]!.bind(implementation), load);
    }
    server.addService(definition, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  let stopping: Promise<void> | undefined;
  return {
    address: `${options.address.slice(0, options.address.lastIndexOf(':'))}:${port}`,
    stop: () => (stopping ??= stop(server, options.stopDeadlineMs ?? 5_000)),
  };
}

function unary(path: string, method: Method, load: { calls: number; limit: number }): handleUnaryCall<unknown, unknown> {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
    if (load.calls >= load.limit) {
      callback({ code: status.RESOURCE_EXHAUSTED, details: 'too many calls at work' });
      return;
    }
    load.calls++;
    withRemoteParent(traceparentOf(call.metadata), path, () => method(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          const answer = toServerStatus(error);
          if (!(error instanceof DomainError)) log.error({ err: error, path }, 'call failed');
          callback(answer);
        },
      )
      .finally(() => {
        load.calls--;
      });
  };
}

function traceparentOf(metadata: Metadata): string {
  const value = metadata.get(TRACEPARENT)[0];
  return typeof value === 'string' ? value : '';
}

function stop(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, deadlineMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
