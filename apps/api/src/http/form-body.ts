import { DomainError } from '@parley/errors';
import type { Operation } from './operation.js';

/** The pairs of an application/x-www-form-urlencoded body; spaces may have come as `+` or `%20`. */
export class FormBody {
  readonly pairs: Readonly<Record<string, string>>;

  constructor(text: string) {
    // A name that is given twice has its last value. No prototype: a pair may be called __proto__.
    const pairs = Object.create(null) as Record<string, string>;
    for (const [key, value] of new URLSearchParams(text)) pairs[key] = value;
    this.pairs = pairs;
  }
}

/** The body in the form that the operation takes. @throws DomainError unsupported_media_type */
export function bodyFor({ form }: Pick<Operation, 'form'>, body: unknown): unknown {
  if (body instanceof FormBody ? !form : form && body !== undefined) throw new DomainError('unsupported_media_type');
  return body;
}

/** The fields of a body that is a form, or JSON with the same. */
export function fieldsOf(body: unknown): unknown {
  return body instanceof FormBody ? { ...body.pairs } : body;
}
