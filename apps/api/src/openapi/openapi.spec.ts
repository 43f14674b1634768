import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiUnderTest, apiUnderTest } from '../testing.fixture.js';

interface Described {
  operationId: string;
  security: Record<string, unknown>[];
  responses: Record<string, { content: Record<string, { schema: object }> }>;
  requestBody?: { content: Record<string, { schema: object }> };
  parameters: { name: string; in: string; schema: object }[];
}

let api: ApiUnderTest;
let document: { openapi: string; paths: Record<string, Record<string, Described>>; components: { schemas: object; securitySchemes: object } };
beforeAll(async () => {
  api = await apiUnderTest();
  document = (await api.call('GET', '/openapi.json')).body;
});
afterAll(() => api.stop());

const all = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ name: `${method.toUpperCase()} ${path}`, path, method, described })),
  );

describe('the OpenAPI document', () => {
  it('describes every route that is served, and no other', () => {
    // The preflight's route is the browser's affair.
    const served = api.routes.filter((route) => !route.startsWith('OPTIONS ')).map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(served.length).toBeGreaterThan(15);
    expect(all().map(({ name }) => name).sort()).toEqual([...served].sort());
  });

  it('is OpenAPI 3.1 with unique ids and references that lead somewhere', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = all().map(({ described }) => described.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((found) => found[1]!);
    expect(references.length).toBeGreaterThan(0);
    for (const name of references) expect(document.components.schemas).toHaveProperty(name);
  });

  it('says for each operation what it takes, what it answers, who may call, and how it fails', () => {
    for (const { name, path, described } of all()) {
      const inPath = described.parameters.filter((one) => one.in === 'path').map((one) => one.name);
      expect({ name, inPath }).toEqual({ name, inPath: [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!) });
      expect(Object.keys(described.responses)).toContain('200');
      for (const { content } of Object.values(described.responses)) expect(Object.keys((content['application/json'] ?? content['text/html'])!.schema)).not.toEqual([]);
      for (const scheme of described.security.flatMap((one) => Object.keys(one))) expect(document.components.securitySchemes).toHaveProperty(scheme);
      if (path.startsWith('/{org}')) expect(Object.keys(described.responses)).toEqual(expect.arrayContaining(['404', '500', '503']));
    }
  });

  it('shows types, not only names', () => {
    const send = JSON.stringify(document.paths['/{org}/{app}/messages/users']!['post']!.requestBody);
    expect(send).toContain('"maxItems":600');
    expect(send).toContain('"const":"cmd"');
    const limit = document.paths['/{org}/{app}/users']!['get']!.parameters.find((one) => one.name === 'limit');
    expect(limit).toMatchObject({ in: 'query', schema: { type: 'integer', maximum: 100 } });
    expect(JSON.stringify(document.paths['/{org}/{app}/token'])).toContain('"const":"inherit"');
  });
});

describe('health', () => {
  it('is alive, and ready only when all that it needs answers', async () => {
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    api.bus.request = () => Promise.reject(new Error('no message service'));
    expect((await api.call('GET', '/health/ready')).status).toBe(503);
  });
});
