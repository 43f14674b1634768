import type { FactoryProvider } from '@nestjs/common';

/** What a part is asked for by: its class, or a symbol that says what it stands for. */
export type Token<Part> = { readonly prototype: Part } | PartSymbol<Part>;
export type PartSymbol<Part> = symbol & { readonly stands?: { readonly for: Part } };

type Tokens<Parts extends unknown[]> = { readonly [Place in keyof Parts]: Token<Parts[Place]> };

/**
 * A part of a service and the parts that it is made of: by `new`, or by `make`. That they fit is checked by the compiler.
 */
export function provide<Type extends new (...parts: never[]) => unknown>(token: Type, parts: Tokens<ConstructorParameters<Type>>): FactoryProvider;
export function provide<Part, Parts extends unknown[]>(
  token: Token<Part>,
  parts: [...Tokens<Parts>],
  make: (...parts: Parts) => Part | Promise<Part>,
): FactoryProvider;
export function provide(token: unknown, parts: readonly unknown[], make?: (...parts: never[]) => unknown): FactoryProvider {
  const type = token as new (...parts: never[]) => unknown;
  return { provide: type, inject: parts as never[], useFactory: make ?? ((...made: never[]) => new type(...made)) };
}
