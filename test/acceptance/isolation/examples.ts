/** As much of JSON Schema as the API's document uses. */
export interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  minLength?: number;
  minItems?: number;
  additionalProperties?: unknown;
}

/** A value for a string of that name, or undefined when any text will do. */
export type NamedValue = (name: string) => string | undefined;

const MOST = 12;

/** Values that the schema admits: one for each way that a union gives, with what is required and what `named` knows. */
export function examples(schema: JsonSchema, named: NamedValue, name = ''): unknown[] {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum) return [schema.enum[0]];
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return (union.every(isScalar) ? union.slice(0, 1) : union).flatMap((one) => examples(one, named, name)).slice(0, MOST);
  if (schema.allOf) return product(schema.allOf.map((part) => examples(part, named, name)));
  switch (schema.type) {
    case 'object':
      return objects(schema, named);
    case 'array':
      return examples(schema.items ?? {}, named, name).map((one) => [one]);
    case 'integer':
    case 'number':
      return [schema.default ?? Math.max(schema.minimum ?? 1, 1)];
    case 'boolean':
      return [false];
    case 'null':
      return [null];
    default:
      return [named(name) ?? 'x'.repeat(Math.max(schema.minLength ?? 1, 1))];
  }
}

/** Ways to write one value are not ways to ask for another thing. */
function isScalar({ type }: JsonSchema): boolean {
  return type !== undefined && type !== 'object' && type !== 'array';
}

function objects({ properties = {}, required = [] }: JsonSchema, named: NamedValue): unknown[] {
  const wanted = Object.entries(properties).filter(([key]) => required.includes(key) || named(key) !== undefined);
  return product(wanted.map(([key, schema]) => examples(schema, named, key).map((value) => ({ [key]: value }))));
}

/** Every way to take one of each, merged. */
function product(parts: unknown[][]): unknown[] {
  return parts.reduce<unknown[]>(
    (sofar, part) => sofar.flatMap((one) => part.map((more) => ({ ...(one as object), ...(more as object) }))).slice(0, MOST),
    [{}],
  );
}
