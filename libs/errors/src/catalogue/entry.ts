/** gRPC status numbers in use (google.rpc.Code). */
export const Grpc = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** One kind of error, at every edge. Texts are wire values that callers match on: {name} is filled from the parameters. */
export interface CatalogueEntry {
  readonly http: number;
  readonly error: string;
  readonly description: string;
  /** Java-style class name that the vendor's clients expect to find; they do not rely on it. */
  readonly exception: string;
  /** Number of the newer message errors. */
  readonly errorCode?: number;
  /** Where a client looks for the text under this key as well. */
  readonly result?: string;
  readonly grpc: number;
  /** The answer to a send over MSYNC. Without it the general refusal is used. */
  readonly msync?: { readonly code: number; readonly reason: string };
  /** The same call may succeed later. */
  readonly retryable: boolean;
}

type Rest = Pick<CatalogueEntry, 'http' | 'error' | 'description'>;
type More = Partial<Pick<CatalogueEntry, 'errorCode' | 'result' | 'msync' | 'retryable' | 'exception'>>;

/** An entry with its defaults: not retryable, the exception named after the error. */
export function entry(http: number, error: string, description: string, grpc: number, more: More = {}): CatalogueEntry {
  const rest: Rest = { http, error, description };
  return { ...rest, exception: more.exception ?? exceptionOf(error), grpc, retryable: false, ...more };
}

function exceptionOf(error: string): string {
  const words = error.split(/[_ ]/).filter((word) => word !== '');
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return `${name.replace(/Exception$/i, '')}Exception`;
}
