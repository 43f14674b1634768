import { DomainError, type ErrorCode, isErrorCode } from '@parley/errors';
import type { z } from 'zod';

/** The message of a schema's rule that has an error of its own in the catalogue. */
export function fails(code: ErrorCode, params: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ code, params });
}

/**
 * Validates a body or query; an absent one is an empty object. The first problem is answered, fields in the order of the
 * schema.
 * @param otherwise the error of problems that have none of their own
 * @throws DomainError the code that the schema names by `fails`, else `otherwise`, naming the field
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown, otherwise: ErrorCode = 'illegal_argument'): z.output<T> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw ownError(issue!.message) ?? new DomainError(otherwise, { detail: `${issue!.path.join('.') || 'body'}: ${issue!.message}` });
}

function ownError(message: string): DomainError | undefined {
  if (!message.startsWith('{')) return undefined;
  const { code, params } = JSON.parse(message) as { code: unknown; params: Record<string, string> };
  return isErrorCode(code) ? new DomainError(code, params) : undefined;
}
