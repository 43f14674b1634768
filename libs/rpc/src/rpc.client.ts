import {
  type ChannelOptions,
  type Client,
  type ClientUnaryCall,
  credentials,
  type ChannelCredentials,
  Metadata,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { currentTraceparent } from '@parley/telemetry';
import { fromServiceError } from './error.filter.js';
import { nearServer } from './near-servers.js';
import { MAX_MESSAGE_BYTES, type RequestOf, type ResponseOf, TRACEPARENT } from './rpc.types.js';

/** How long a call may take, waiting for the connection included, unless the caller says otherwise. */
const DEFAULT_DEADLINE_MS = 5_000;

export interface RpcClientOptions {
  deadlineMs?: number;
}

export interface RpcCallOptions {
  /** Milliseconds from now. */
  deadlineMs?: number;
}

/** A service's methods as promises, and the connection's own two. */
export type RpcClient<Definition> = {
  [Name in keyof Definition]: (
    request: RequestOf<Definition[Name]>,
    options?: RpcCallOptions,
  ) => Promise<ResponseOf<Definition[Name]>>;
} & {
  /** Resolves when the server is connected; rejects at the deadline (ms). */
  waitUntilReady(deadlineMs: number): Promise<void>;
  close(): void;
};

interface GeneratedClient<Definition> {
  new (address: string, credentials: ChannelCredentials, options?: Partial<ChannelOptions>): Client;
  service: Definition;
}

type UnaryMethod = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: unknown) => void,
) => ClientUnaryCall;

/**
 * A client of one service. It connects at the first call, stays connected, and a call made while the server is away
 * waits for it until the deadline instead of failing at once.
 * Calls throw the DomainError that the service threw; a server that is away or silent is the catalogue's retryable error.
 */
export function rpcClient<Definition>(
  generated: GeneratedClient<Definition>,
  address: string,
  options: RpcClientOptions = {},
): RpcClient<Definition> {
  const client = new generated(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // As at the server.
    'grpc.enable_channelz': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });
  const raw = client as unknown as Record<string, UnaryMethod>;
  const face: Record<string, unknown> = {
    waitUntilReady: (deadlineMs: number) =>
      new Promise<void>((resolve, reject) => {
        client.waitForReady(Date.now() + deadlineMs, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => client.close(),
  };
  for (const [name, { path, requestSerialize, responseDeserialize }] of Object.entries(generated.service as ServiceDefinition)) {
    const far = raw[name]!.bind(client);
    const call = (request: unknown, deadlineMs: number) =>
      new Promise((resolve, reject) => {
        far(request, callMetadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
          if (error) reject(error);
          else resolve(response);
        });
      });
    face[name] = async (request: unknown, { deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS }: RpcCallOptions = {}) => {
      try {
        const near = nearServer(address);
        if (!near) return await call(request, deadlineMs);
        const answer = await near.call(path, requestSerialize(request), { traceparent: currentTraceparent(), deadlineMs });
        return responseDeserialize(answer as Buffer);
      } catch (error) {
        throw fromServiceError(error as ServiceError);
      }
    };
  }
  return face as RpcClient<Definition>;
}

function callMetadata(): Metadata {
  const metadata = new Metadata({ waitForReady: true });
  const traceparent = currentTraceparent();
  if (traceparent !== '') metadata.set(TRACEPARENT, traceparent);
  return metadata;
}
