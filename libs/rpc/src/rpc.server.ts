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
import { CallFailed, enterServer, NearServer, withdrawServer } from './near-servers.js';
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
  const near = new NearServer();
  for (const [definition, implementation] of options.services) {
    const methods = implementation as Record<string, Method>;
    const handlers: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      const answer = answering(method.path, methods[name]!.bind(implementation), load);
      handlers[name] = unary(answer);
      near.add(method.path, async (request, traceparent) =>
        method.responseSerialize(await answer(method.requestDeserialize(request as Buffer), traceparent)),
      );
    }
    server.addService(definition, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  const address = `${options.address.slice(0, options.address.lastIndexOf(':'))}:${port}`;
  enterServer(address, near);
  let stopping: Promise<void> | undefined;
  return {
    address,
    stop: () => {
      withdrawServer(address);
      return (stopping ??= stop(server, near, options.stopDeadlineMs ?? 5_000));
    },
  };
}

/** Rejects with CallFailed. */
type Answering = (request: unknown, traceparent: string) => Promise<unknown>;

function answering(path: string, method: Method, load: { calls: number; limit: number }): Answering {
  return async (request, traceparent) => {
    if (load.calls >= load.limit) throw new CallFailed({ code: status.RESOURCE_EXHAUSTED, details: 'too many calls at work' });
    load.calls++;
    try {
      return await withRemoteParent(traceparent, path, () => method(request));
    } catch (error) {
      if (!(error instanceof DomainError)) log.error({ err: error, path }, 'call failed');
      throw new CallFailed(toServerStatus(error));
    } finally {
      load.calls--;
    }
  };
}

function unary(answer: Answering): handleUnaryCall<unknown, unknown> {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
    answer(call.request, traceparentOf(call.metadata)).then(
      (response) => callback(null, response),
      (failed: CallFailed) => callback({ code: failed.code, details: failed.details, ...(failed.metadata && { metadata: failed.metadata }) }),
    );
  };
}

function traceparentOf(metadata: Metadata): string {
  const value = metadata.get(TRACEPARENT)[0];
  return typeof value === 'string' ? value : '';
}

async function stop(server: Server, near: NearServer, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const finished = Promise.all([near.done(), new Promise<void>((resolve) => server.tryShutdown(() => resolve()))]);
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
  await Promise.race([finished, late]);
  clearTimeout(timer);
  server.forceShutdown();
}
