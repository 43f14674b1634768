import type { ServiceDefinition } from '@grpc/grpc-js';

/** One unary method as ts-proto describes it, seen from its types only. */
interface MethodTypes {
  requestSerialize: (value: never) => Buffer;
  responseDeserialize: (bytes: Buffer) => unknown;
  requestDeserialize: (bytes: Buffer) => unknown;
}

export type RequestOf<Method> = Method extends MethodTypes ? ReturnType<Method['requestDeserialize']> : never;
export type ResponseOf<Method> = Method extends MethodTypes ? ReturnType<Method['responseDeserialize']> : never;

/** A service as plain promise methods: `RpcImplementation<typeof user.UserServiceService>`. */
export type RpcImplementation<Definition> = {
  [Name in keyof Definition]: (request: RequestOf<Definition[Name]>) => Promise<ResponseOf<Definition[Name]>>;
};

/** A definition with its implementation, as handed to the server. */
export type RpcService = readonly [definition: ServiceDefinition, implementation: object];

/** Metadata key of the W3C trace context. */
export const TRACEPARENT = 'traceparent';

/** Largest request or answer, in bytes: pages of users and batches fit, an attack does not. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
