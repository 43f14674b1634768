import { applyDecorators, Delete, Get, Head, HttpCode, Post, Put, SetMetadata } from '@nestjs/common';
import type { RateName } from '@parley/app-settings';
import type { ErrorCode } from '@parley/errors';
import type { Permission } from '@parley/kernel';
import type { z } from 'zod';

/**
 * Who may call: `public` anybody; `app` the tenant's server (app token); `self` the user whose name is in the path;
 * `user` any user of the app; `open` whoever the handler admits: a token may be there, and the handler looks at it.
 */
export type Access = 'public' | 'app' | 'self' | 'user' | 'open';

export interface OperationSpec {
  readonly summary: string;
  readonly access: readonly Access[];
  readonly body?: z.ZodType;
  /** A multipart form, which the handler reads as a stream: its size and time are not bounded as those of other bodies. */
  readonly upload?: z.ZodType;
  readonly query?: z.ZodType;
  /** Optional request headers with their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the answer has beside the common envelope, or all of it when it is bare. */
  readonly answer: z.ZodType;
  /** Errors beyond those that every call can have. */
  readonly errors?: readonly ErrorCode[];
  /** The answer is not put into the common envelope. */
  readonly bare?: boolean;
  /** The envelope has no more than `data`, `timestamp` and `duration`. */
  readonly reduced?: boolean;
  /** The body is a form (application/x-www-form-urlencoded) instead of JSON: the handler finds a FormBody. */
  readonly form?: boolean;
  /** The answer to whoever may not call it, instead of the common ones. */
  readonly refusal?: ErrorCode;
  /** Success shows that the caller, who may have no token, is of the app. */
  readonly proves?: true;
  /** Rates that it counts for, where it is not the table's (libs/app-settings) for this path. */
  readonly rates?: readonly RateName[];
  /** The path stands alone, outside of any app. */
  readonly root?: boolean;
  /**
   * For administrators: the permission that it takes, asked for the organisation and app in the path (`:org`, `:app`);
   * `self`: it is enough to be one. Such an operation is `root` and its handler takes TheAdminCall.
   */
  readonly admin?: Permission | 'self';
  /** The handler writes its answer by itself, with a media type other than JSON. */
  readonly mediaType?: string;
}

export interface Operation extends OperationSpec {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** With Fastify's parameters, from the root: /:org/:app/users/:username */
  readonly path: string;
}

export const OPERATION = Symbol('operation');
const all: Operation[] = [];
const patterns = new Map<Operation, RegExp>();

/** Every operation of the API: the guard, the OpenAPI document and the 405 answer are derived from it. */
export function operations(): readonly Operation[] {
  return all;
}

/** The methods that a path has; none = there is no such path. */
export function methodsOf(path: string): string[] {
  const matching = all.filter((operation) => patterns.get(operation)!.test(path));
  return [...new Set(matching.map((operation) => operation.method))];
}

/** Whether this is a form that its handler reads by itself. */
export function takesUpload(method: string, path: string): boolean {
  return all.some((operation) => operation.upload !== undefined && operation.method === method && patterns.get(operation)!.test(path));
}

const verbs = { GET: Get, HEAD: Head, POST: Post, PUT: Put, DELETE: Delete };

/** Declares a handler as an operation below /{org}/{app}. Success is always status 200: clients take 201 for an error. */
export function Operation(method: Operation['method'], path: string, spec: OperationSpec): MethodDecorator {
  const operation: Operation = { ...spec, method, path: spec.root ? path : `/:org/:app${path}` };
  all.push(operation);
  patterns.set(operation, new RegExp(`^${operation.path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`));
  return applyDecorators(verbs[method](operation.path), HttpCode(200), SetMetadata(OPERATION, operation));
}
