import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { platformUnderTest, type RestAnswer, uniqueName } from '@parley/testkit';
import { documentedOperations, type DocumentedOperation, isOfApp } from './isolation/document.js';
import { getsThatAct, lastOfAll, needMore, takesMessages, type Kind, type Request, unknownNames } from './isolation/makers.js';
import { digest, givenWorld, nowhere, ownToken, requestsOf, urlOf, type World } from './isolation/world.js';

jest.setTimeout(120_000);

/**
 * Two organisations, three apps, the same names in each. Whatever the running platform's OpenAPI document has is tried:
 * who adds a route adds it here. The state that the victim reads must stay as it was, byte for byte.
 */
const platform = platformUnderTest();
const none = nowhere();
let operations: DocumentedOperation[];
let victim: World;
/** Another app of the victim's organisation, and one of another organisation. */
let sibling: World;
let stranger: World;
/** Tries that requests are good ones, and is broken by it. */
let twin: World;
let before: unknown;

beforeAll(async () => {
  operations = (await documentedOperations(platform)).toSorted((a, b) => turn(a) - turn(b));
  const [ours, theirs] = [uniqueName('org'), uniqueName('org')];
  [victim, sibling, stranger, twin] = await Promise.all([
    givenWorld(platform, { org: ours, app: 'chat' }),
    givenWorld(platform, { org: ours, app: 'shop' }),
    givenWorld(platform, { org: theirs, app: 'chat' }),
    givenWorld(platform, { org: theirs, app: 'twin' }),
  ]);
  before = await digest(victim, operations.filter(isOfApp));
});
afterAll(() => {
  for (const world of [victim, sibling, stranger, twin]) world.device.terminate();
});

/** Reading first, taking away last. */
function turn({ name, method }: DocumentedOperation): number {
  if (lastOfAll.includes(name)) return 10 + lastOfAll.indexOf(name);
  if (method !== 'GET' && takesMessages.test(name)) return 3;
  if (method === 'DELETE' || getsThatAct.has(name)) return 2;
  return method === 'GET' ? 0 : 1;
}

const call = (world: World, operation: DocumentedOperation, request: Request, token: string | null): Promise<RestAnswer> =>
  victim.platform.rest.call(operation.method, urlOf(operation, world.platform, request), { token, body: request.body });

/** What a caller learns from an answer: not times, and not what he has said himself. */
function told({ status, body }: RestAnswer, said: readonly string[]): string {
  let text = JSON.stringify({ status, body });
  for (const one of said.filter((each) => each !== '')) text = text.replaceAll(one, '<said>');
  return text
    .replace(/"(timestamp|duration|unixtime)":\d+/g, '')
    .replace(/YWMt[\w.+/=-]+/g, '<token>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\d{12,}/g, '<number>');
}

/** Everybody who may not: by name, so that a failure says who. */
function intruders(operation: DocumentedOperation): Record<string, string | null> {
  const { access } = operation;
  const user = access.includes('self') ? victim.tokens.friend : victim.tokens.user;
  const tooWeak = access.every((one) => one === 'app') || (access.includes('self') && operation.path.includes('{username}'));
  return {
    nobody: null,
    'a broken token': 'YWMtnonsense',
    "a sibling app's server": sibling.tokens.app,
    "a stranger's server": stranger.tokens.app,
    'the same user of a sibling app': sibling.tokens.user,
    'the same user of a stranger': stranger.tokens.user,
    ...(tooWeak ? { 'a user of the app who may not': user } : {}),
  };
}

describe('one tenant and another', () => {
  it('every route says what its ids are', () => {
    const unknown = operations.filter(isOfApp).flatMap((one) => unknownNames(one).map((name) => `${one.name}: ${name}`));
    expect(unknown).toEqual([]);
    expect(operations.length).toBeGreaterThan(10);
  });

  it('every route works for its own tenant, so that a refusal below means something', async () => {
    const failed: string[] = [];
    for (const operation of operations.filter((one) => isOfApp(one) && !Object.hasOwn(needMore, one.name))) {
      for (const request of requestsOf(operation, { ...twin.values, cursor: '' })) {
        const { status, body } = await call(twin, operation, request, ownToken(twin, operation));
        if (status !== 200) failed.push(`${operation.name} ${JSON.stringify(request)}: ${status} ${JSON.stringify(body)}`);
      }
    }
    expect(failed).toEqual([]);
  });

  it('no foreign and no weak token opens any route, nor tells what exists', async () => {
    const broken: string[] = [];
    const secret = victim.secrets;
    for (const operation of operations.filter((one) => isOfApp(one) && !one.access.includes('public'))) {
      const open = operation.access.includes('open');
      // Who comes to an open door brings his own secrets; to the others, what he has learnt of the victim's ids.
      const ids = open ? { ...stranger.values, newUser: uniqueName('intruder') } : victim.values;
      const real = requestsOf(operation, ids);
      const unreal = requestsOf(operation, { ...none, cursor: '' });
      await Promise.all(
        Object.entries(intruders(operation)).map(async ([who, token]) => {
          for (const [i, request] of real.entries()) {
            const answer = await call(victim, operation, request, token);
            if (open ? answer.status < 400 || answer.status >= 500 : answer.status !== 401) {
              broken.push(`${operation.name} for ${who}: ${answer.status} ${JSON.stringify(answer.body)}`);
            }
            const text = JSON.stringify(answer.body);
            if (secret.some((one) => text.includes(one))) broken.push(`${operation.name} tells ${who} a secret: ${text}`);
            // An open door of the vendor's API says itself whether a user exists.
            if (open) continue;
            const other = await call(victim, operation, unreal[i]!, token);
            if (told(other, Object.values(none)) !== told(answer, Object.values(victim.values))) {
              broken.push(`${operation.name} tells ${who} what exists: ${text} and ${JSON.stringify(other.body)}`);
            }
          }
        }),
      );
    }
    expect(broken).toEqual([]);
  });

  it("no id of another tenant means anything in one's own app, in any position", async () => {
    const broken: string[] = [];
    const secret = victim.secrets.filter((one) => one !== victim.loner);
    for (const operation of operations.filter((one) => isOfApp(one) && !/^DELETE .*\/users(\/\{username\})?$/.test(one.name))) {
      for (const request of requestsOf(operation, stranger.values)) {
        for (const [kind, own] of Object.entries(stranger.values) as [Kind, string][]) {
          if (ONES_OWN.has(kind)) continue;
          const [theirs, nobodys] = foreign(kind);
          const text = JSON.stringify(request);
          if (!text.includes(JSON.stringify(own))) continue;
          const put = (id: string) => JSON.parse(text.replaceAll(JSON.stringify(own), JSON.stringify(id))) as Request;
          const token = ownToken(stranger, operation);
          const both = async () => [await call(stranger, operation, put(theirs), token), await call(stranger, operation, put(nobodys), token)] as const;
          const [one, other] = await both();
          const seen = JSON.stringify(one.body);
          if (secret.some((each) => seen.includes(each) && each !== theirs)) broken.push(`${operation.name} with a foreign ${kind} tells a secret: ${seen}`);
          if (one.status >= 500) broken.push(`${operation.name} with a foreign ${kind}: ${one.status}`);
          // A cursor is a place in one's own list, wherever it came from.
          if (kind === 'cursor') continue;
          const differ = (pair: readonly [RestAnswer, RestAnswer]) => told(pair[0], [theirs]) !== told(pair[1], [nobodys]);
          // What can be done once was done by the first of the two, whatever it named: then the second time tells.
          if (differ([one, other]) && differ(await both())) {
            broken.push(`${operation.name} with a foreign ${kind}: ${seen}, but with an unknown one: ${JSON.stringify(other.body)}`);
          }
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('no token of a tenant opens what is not of an app', async () => {
    const broken: string[] = [];
    for (const operation of operations.filter((one) => !isOfApp(one) && !one.access.includes('public'))) {
      for (const token of [null, victim.tokens.app, victim.tokens.user, stranger.tokens.app]) {
        const answer = await call(victim, operation, { path: { ...victim.values }, ...(['GET', 'HEAD'].includes(operation.method) ? {} : { body: {} }) }, token);
        if (answer.status < 400 || answer.status >= 500) broken.push(`${operation.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('and nothing of the victim has changed', async () => {
    expect(await digest(victim, operations.filter(isOfApp))).toEqual(before);
  });
});

/** What a caller makes up himself names nothing of others. */
const ONES_OWN: ReadonlySet<Kind> = new Set(['password', 'newUser', 'token']);

/** An id of the victim's, and one like it that nobody has: always the same ones, so that both have the same history. */
function foreign(kind: Kind): [string, string] {
  const theirs = kind === 'user' || kind === 'friend' ? victim.loner : victim.values[kind];
  return [theirs, none[kind]];
}
