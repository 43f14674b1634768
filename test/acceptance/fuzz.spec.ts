import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AdminApi, operatorUnderTest, type Platform, platformUnderTest, uniqueName } from '@parley/testkit';
import fc from 'fast-check';
import { documentedOperations, type DocumentedOperation } from './isolation/document.js';
import { type JsonSchema } from './isolation/examples.js';
import { givenWorld, ownToken, requestsOf, urlOf, type World } from './isolation/world.js';

jest.setTimeout(120_000);

const RUNS = 20;
/** The same seed gives the same requests: PARLEY_FUZZ_SEED=… repeats a run that failed. */
const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const platform = platformUnderTest();
let operations: DocumentedOperation[];
let world: World;
/** An organisation with an app, and its owner's token: who may nearly everything there, and nothing to others. */
let ownOrganisation: { platform: Platform; token: string };
/** A wrong password counts for the address, which other specs sign in from. */
const asNobody: ReadonlySet<string> = new Set(['PUT /admin/v1/me/password']);

beforeAll(async () => {
  console.log(`fuzzing with PARLEY_FUZZ_SEED=${seed}`);
  operations = (await documentedOperations(platform)).filter(({ path }) => !path.startsWith('/health'));
  world = await givenWorld(platform, { org: uniqueName('org') });
  ownOrganisation = await givenOwnOrganisation();
});
afterAll(() => world.device.terminate());

async function givenOwnOrganisation(): Promise<{ platform: Platform; token: string }> {
  const { restUrl } = platform.endpoints;
  const [org, app, password] = [uniqueName('org'), 'chat', 'a long enough password'];
  const operator = await AdminApi.signIn(restUrl, operatorUnderTest());
  const { body } = await operator.call('POST', '/orgs', { name: org, owner_login: 'owner' });
  await AdminApi.anonymous(restUrl).call('POST', '/invitations/accept', { invitation_token: body.invitation_token, password });
  const owner = await AdminApi.signIn(restUrl, { org, login: 'owner', password });
  expect((await owner.call('POST', `/orgs/${org}/apps`, { app_name: app })).status).toBe(200);
  return { platform: { ...platform, endpoints: { ...platform.endpoints, org, app } }, token: owner.token! };
}

const nasty = fc.oneof(
  fc.constantFrom('', '\u0000', '..', '../../etc/passwd', "' OR 1=1 --", '-1', '0', '9'.repeat(40), 'NaN', 'null', 'undefined', '\ud800', '%00', '{"a":1}', 'a'.repeat(5_000), '🙂'.repeat(200), '__proto__'),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

/** A URL carries no half of a surrogate pair. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Values around the schema: mostly of its form, sometimes of another. */
function around(schema: JsonSchema, depth = 0): fc.Arbitrary<unknown> {
  const fitting = fittingTo(schema, depth);
  const anything = fc.oneof(nasty, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, -1, 2 ** 53, 1e308, 0.5, [], {}, true));
  return fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: anything });
}

function fittingTo(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  if (depth > 5) return fc.constant(null);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return fc.oneof(...union.map((one) => around(one, depth + 1)));
  if (schema.allOf) {
    return fc.tuple(...schema.allOf.map((one) => fittingTo(one, depth + 1))).map((parts) => Object.assign({}, ...(parts as object[])) as unknown);
  }
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, around(one, depth + 1)] as const);
      return fields.length === 0 ? fc.dictionary(fc.string({ maxLength: 20 }), nasty, { maxKeys: 5 }) : fc.record(Object.fromEntries(fields), { requiredKeys: [] });
    }
    case 'array':
      return fc.array(around(schema.items ?? {}, depth + 1), { maxLength: 5 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2_147_483_648, 2 ** 53));
    case 'boolean':
      return fc.boolean();
    default:
      return fc.oneof(nasty, fc.constantFrom(...Object.values(world.values)));
  }
}

/** An answer that is no failure of the server: 503 only says that a part is away or busy. */
async function accepted(operation: DocumentedOperation, path: Record<string, string>, query: Record<string, string>, body: unknown): Promise<string | undefined> {
  const administered = operation.path.startsWith('/admin/v1/') && !asNobody.has(operation.name);
  const token = administered ? ownOrganisation.token : ownToken(world, operation);
  const url = urlOf(operation, administered ? ownOrganisation.platform : world.platform, { path, query });
  const bodied = !['GET', 'HEAD'].includes(operation.method) && body !== undefined;
  const response = await fetch(url, {
    method: operation.method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, ...(bodied ? { 'content-type': 'application/json' } : {}) },
    body: bodied ? JSON.stringify(body) : undefined,
  });
  const text = await response.text();
  if (response.status >= 500 && response.status !== 503) return `${operation.name} ${url} ${JSON.stringify(body)}: ${response.status} ${text}`;
  if (operation.method !== 'HEAD' && response.status >= 400 && /^\/(\{org\}\/\{app\}|admin\/v1)\//.test(operation.path) && !isEnvelope(text)) {
    return `${operation.name} ${url}: ${response.status} without the error envelope: ${text.slice(0, 300)}`;
  }
  return undefined;
}

function isEnvelope(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { error?: unknown }).error === 'string';
  } catch {
    return false;
  }
}

describe('every operation of the OpenAPI document', () => {
  it('answers whatever comes without failing', async () => {
    const broken: string[] = [];
    for (const operation of operations) {
      const [good] = requestsOf(operation, world.values);
      const parameters = (place: string) => operation.parameters.filter((one) => one.in === place && one.name !== 'org' && one.name !== 'app');
      const path = fc.record(Object.fromEntries(parameters('path').map(({ name }) => [name, fc.oneof(fc.constant(good?.path?.[name] ?? 'x'), nasty.map((text) => wellFormed(text) || 'x'))])));
      const query = fc.record(Object.fromEntries(parameters('query').map(({ name }) => [name, nasty.map((text) => wellFormed(text))])), { requiredKeys: [] });
      const body = operation.body ? around(operation.body) : fc.constant(undefined);
      const tries = fc.sample(fc.tuple(path, query, body), { numRuns: RUNS, seed });
      const failures = await Promise.all(tries.map(([p, q, b]) => accepted(operation, p as Record<string, string>, q as Record<string, string>, b)));
      const [failure] = failures.filter((one) => one !== undefined);
      if (failure) broken.push(`PARLEY_FUZZ_SEED=${seed}: ${failure.slice(0, 1_500)}`);
    }
    expect(broken).toEqual([]);
  });

  it('and the platform still serves', async () => {
    expect((await fetch(`${platform.endpoints.restUrl}/health/ready`)).status).toBe(200);
    expect((await platform.rest.call('GET', '/users?limit=1')).status).toBe(200);
    // What was tried as the owner was tried as somebody whom the platform knows.
    expect((await platform.rest.call('GET', `${platform.endpoints.restUrl}/admin/v1/me`, { token: ownOrganisation.token })).status).toBe(200);
  });
});
