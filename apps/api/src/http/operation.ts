import { applyDecorators, Delete, Get, HttpCode, Post, Put, SetMetadata } from '@nestjs/common';
import type { ErrorCode } from '@parley/errors';
import type { z } from 'zod';

/**
 * Who may call: `public` anybody; `app` the tenant's server (app token); `self` the user whose name is in the path;
 * `open` decides for itself (registration: an app token, or nobody in an app that registers openly).
 */
export type Access = 'public' | 'app' | 'self' | 'open';

export interface OperationSpec {
  readonly summary: string;
  readonly access: readonly Access[];
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  /** Errors beyond those that every call can have. */
  readonly errors?: readonly ErrorCode[];
  /** The answer is not put into the common envelope. */
  readonly bare?: boolean;
}

export interface Operation extends OperationSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With Fastify's parameters, from the root: /:org/:app/users/:username */
  readonly path: string;
}

export const OPERATION = Symbol('operation');
const all: Operation[] = [];

/** Every operation of the API: the guard, the OpenAPI document and the 405 answer are derived from it. */
export function operations(): readonly Operation[] {
  return all;
}

const verbs = { GET: Get, POST: Post, PUT: Put, DELETE: Delete };

/** Declares a handler as an operation below /{org}/{app}. Success is always status 200: clients take 201 for an error. */
export function Operation(method: Operation['method'], path: string, spec: OperationSpec): MethodDecorator {
  const operation: Operation = { ...spec, method, path: `/:org/:app${path}` };
  all.push(operation);
  return applyDecorators(verbs[method](operation.path), HttpCode(200), SetMetadata(OPERATION, operation));
}
