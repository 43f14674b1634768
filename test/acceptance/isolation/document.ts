import type { Platform } from '@parley/testkit';
import type { JsonSchema } from './examples.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: JsonSchema;
}

/** One operation as the running platform describes it. */
export interface DocumentedOperation {
  /** "GET /{org}/{app}/users/{username}" */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Who may call; see Operation in the API. */
  readonly access: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
  /** What it takes is not JSON. */
  readonly form: boolean;
}

interface Described {
  'x-access'?: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

/** Every operation of the running platform: a new route is among them without anyone remembering. */
export async function documentedOperations(platform: Platform): Promise<DocumentedOperation[]> {
  const document = (await (await fetch(`${platform.endpoints.restUrl}/openapi.json`)).json()) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      access: described['x-access'] ?? [],
      parameters: described.parameters ?? [],
      body: described.requestBody?.content['application/json']?.schema,
      form: described.requestBody !== undefined && !described.requestBody.content['application/json'],
    })),
  );
}

/** Whether the path is one of an app's. */
export function isOfApp({ path }: DocumentedOperation): boolean {
  return path.startsWith('/{org}/{app}/');
}
