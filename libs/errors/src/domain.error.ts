import { catalogue, type CatalogueEntry, type ErrorCode } from './catalogue.js';

/** An error of the domain: a code of the catalogue and what fills its text. Mapped once, at each edge. */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly params: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
    this.name = 'DomainError';
  }

  get entry(): CatalogueEntry {
    return catalogue[this.code];
  }

  /** The text for callers, with its parameters filled in. */
  get description(): string {
    return fill(this.entry.description, this.params);
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(catalogue, code);
}

/** Fills {name} from the parameters; one that is missing becomes empty. */
export function fill(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => (Object.hasOwn(params, name) ? params[name]! : ''));
}
