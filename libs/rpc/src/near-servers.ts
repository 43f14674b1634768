import { type Metadata, status } from '@grpc/grpc-js';

/** A call that failed, as gRPC says it. */
export class CallFailed extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata | undefined;

  constructor({ code, details, metadata }: { code: status; details: string; metadata?: Metadata }) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }
}

/** Answers one encoded call. @throws CallFailed */
export type NearMethod = (request: Uint8Array, traceparent: string) => Promise<Uint8Array>;

/** What a server of this process answers, by path, without the network. */
export class NearServer {
  readonly #methods = new Map<string, NearMethod>();
  #atWork = 0;
  #onDone: (() => void) | undefined;

  add(path: string, method: NearMethod): void {
    this.#methods.set(path, method);
  }

  /** @throws CallFailed, DEADLINE_EXCEEDED when it takes longer than `deadlineMs` */
  async call(path: string, request: Uint8Array, { traceparent, deadlineMs }: { traceparent: string; deadlineMs: number }): Promise<Uint8Array> {
    const method = this.#methods.get(path);
    if (!method) throw new CallFailed({ code: status.UNIMPLEMENTED, details: path });
    this.#atWork++;
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        const late = () => reject(new CallFailed({ code: status.DEADLINE_EXCEEDED, details: 'deadline exceeded' }));
        const timer = setTimeout(late, deadlineMs);
        method(request, traceparent).then(resolve, reject).finally(() => clearTimeout(timer));
      });
    } finally {
      if (--this.#atWork === 0) this.#onDone?.();
    }
  }

  /** Resolves when nobody waits for an answer. */
  async done(): Promise<void> {
    if (this.#atWork > 0) await new Promise<void>((resolve) => (this.#onDone = resolve));
  }
}

/** By address: the servers of this process, once it shares them. */
let near: Map<string, NearServer> | undefined;

/**
 * From now on the clients of this process call servers of this process directly, still encoded: by the address that both were
 * given. All others are called over the network as before.
 */
export function shareServers(): void {
  near ??= new Map();
}

export function enterServer(address: string, server: NearServer): void {
  near?.set(address, server);
}

export function withdrawServer(address: string): void {
  near?.delete(address);
}

/** The server at this address, if it is in this process. */
export function nearServer(address: string): NearServer | undefined {
  return near?.get(address);
}
