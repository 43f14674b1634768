import { givenApp, Inbox, type AppWanted, type Platform, RawClient, eventually } from '@parley/testkit';
import { randomBytes, randomUUID } from 'node:crypto';
import { examples } from './examples.js';
import { type DocumentedOperation } from './document.js';
import { getsThatAct, getsThatGrow, kinds, type Kind, plain, type Request, requests } from './makers.js';

/** The same in every app. */
const NAMES = { user: 'alice', friend: 'bob' } as const;
const DEVICE = 'webim_web_phone';

/** One tenant with something to steal. */
export interface World {
  readonly platform: Platform;
  readonly values: Readonly<Record<Kind, string>>;
  /** Only this app has him. */
  readonly loner: string;
  /** Texts that nobody else may ever see. */
  readonly secrets: readonly string[];
  readonly tokens: { readonly app: string; readonly user: string; readonly friend: string };
  /** The user's device, online all the time. */
  readonly device: RawClient;
}

/** An app with users, a message between them and a device that stays online. */
export async function givenWorld(platform: Platform, wanted: AppWanted): Promise<World> {
  const own = await givenApp(platform, wanted);
  const { rest, endpoints } = own;
  const mark = randomBytes(6).toString('hex');
  const [password, loner] = [`pw-${mark}`, `loner-${mark}`];
  const nickname = `nick-${mark}`;
  const text = `text-${mark}`;
  await ok(rest.call('POST', '/users', { body: [NAMES.user, NAMES.friend, loner].map((username) => ({ username, password, nickname })) }));
  const tokens = { app: await rest.appToken(), user: await rest.userToken(NAMES.user, password), friend: await rest.userToken(NAMES.friend, password) };
  const device = await logIn(own, tokens.user, DEVICE);
  const sent = await ok(rest.call('POST', '/messages/users', { body: { from: NAMES.friend, to: [NAMES.user], type: 'txt', body: { msg: text } } }));
  const message = (sent as { data: Record<string, string> }).data[NAMES.user]!;
  const other = await ok(rest.call('POST', '/messages/users', { body: { from: NAMES.friend, to: [NAMES.user], type: 'txt', body: { msg: text } } }));
  const recallable = (other as { data: Record<string, string> }).data[NAMES.user]!;
  await ok(rest.call('POST', '/messages/users', { body: { from: NAMES.user, to: [loner], type: 'txt', body: { msg: text } } }));
  await eventually(() => device.inbox.messageIds().includes(BigInt(recallable)), { what: 'the first message' });
  const push = { device_id: `device-${mark}`, device_token: `push-${mark}`, notifier_name: plain['notifier_name']! };
  await ok(rest.call('PUT', `/users/${NAMES.user}/push/binding`, { body: push }));
  const page = (await ok(rest.call('GET', '/users?limit=1'))) as { cursor: string };
  return {
    platform: own,
    loner,
    secrets: [loner, nickname, text, password, push.device_token],
    tokens,
    device,
    values: {
      ...NAMES,
      message,
      file: await givenFile(own, tokens.app),
      token: tokens.friend,
      recallable,
      device: DEVICE,
      pushDevice: push.device_id,
      pushToken: push.device_token,
      cursor: page.cursor,
      clientId: endpoints.clientId,
      clientSecret: endpoints.clientSecret,
      password,
      newUser: `new-${mark}`,
    },
  };
}

async function givenFile({ rest }: Platform, token: string): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob(['nobody else may read this']), 'secret.txt');
  const answer = await fetch(`${rest.base}/chatfiles`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'restrict-access': 'true' }, body: form });
  if (answer.status !== 200) throw new Error(`no file: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { entities: { uuid: string }[] }).entities[0]!.uuid;
}

/** Ids of nothing, in the form of real ones. */
export function nowhere(): Readonly<Record<Kind, string>> & { loner: string } {
  const mark = randomBytes(6).toString('hex');
  return {
    user: `loner-${mark}`,
    friend: `loner-${mark}`,
    loner: `loner-${mark}`,
    newUser: `new-${mark}`,
    message: '1000000000000000001',
    file: randomUUID(),
    token: 'YWMtnonsense',
    recallable: '1000000000000000002',
    device: `webim_web_${mark}`,
    pushDevice: `device-${mark}`,
    pushToken: `push-${mark}`,
    cursor: Buffer.from(mark).toString('base64url'),
    clientId: randomBytes(9).toString('hex'),
    clientSecret: randomBytes(18).toString('hex'),
    password: `pw-${mark}`,
  };
}

/** Good requests for an operation, with these ids in every position. */
export function requestsOf(operation: DocumentedOperation, values: Readonly<Record<Kind, string>>): Request[] {
  const made = requests[operation.name]?.(values);
  if (made) return made;
  const named = (name: string) => (Object.hasOwn(kinds, name) ? values[kinds[name]!] : plain[name]);
  const parameters = (place: string) =>
    Object.fromEntries(
      operation.parameters.flatMap((one) => {
        const value = one.in === place ? named(one.name) : undefined;
        return value === undefined ? [] : [[one.name, value]];
      }),
    );
  const request = { path: parameters('path'), query: parameters('query') };
  return operation.body ? examples(operation.body, named).map((body) => ({ ...request, body })) : [request];
}

/** The URL of a request to an app. */
export function urlOf(operation: DocumentedOperation, { endpoints }: Platform, { path = {}, query = {} }: Request): string {
  const names: Record<string, string> = { ...path, org: endpoints.org, app: endpoints.app };
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? 'x'));
  const search = new URLSearchParams(query as Record<string, string>).toString();
  return `${endpoints.restUrl}${filled}${search === '' ? '' : `?${search}`}`;
}

/** The token of the world's own that this operation admits. */
export function ownToken({ tokens }: World, { access }: DocumentedOperation): string {
  return access.includes('app') || access.includes('open') ? tokens.app : tokens.user;
}

/** What the device shows is acknowledged a moment later: until then it still counts as waiting. */
async function acknowledged({ platform, device }: World): Promise<void> {
  if (device.isClosed) return;
  const waiting = async () => ((await ok(platform.rest.call('GET', `/users/${NAMES.user}/offline_msg_count`))) as { data: Record<string, number> }).data[NAMES.user];
  await eventually(async () => (await waiting()) === 0, { what: 'the acknowledgement of all messages' });
}

/** All that the tenant itself reads, by every operation that only reads, and by a device that never was here before. */
export async function digest(world: World, operations: readonly DocumentedOperation[]): Promise<Record<string, unknown>> {
  await acknowledged(world);
  const reads: Record<string, unknown> = {};
  for (const operation of operations) {
    if (operation.method !== 'GET' || getsThatAct.has(operation.name) || getsThatGrow.has(operation.name)) continue;
    const [request] = requestsOf(operation, { ...world.values, cursor: '' });
    const { status, body } = await world.platform.rest.call('GET', urlOf(operation, world.platform, request!), { token: ownToken(world, operation) });
    reads[operation.name] = { status, body: withoutTimes(body) };
  }
  return { reads, received: world.device.inbox.messageIds().map(String), online: !world.device.isClosed };
}

const TIMES: ReadonlySet<string> = new Set(['timestamp', 'duration', 'unixtime']);

/** The answer without what differs from call to call. */
function withoutTimes(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return JSON.parse(JSON.stringify(body, (key, value: unknown) => (TIMES.has(key) ? undefined : value))) as unknown;
}

/** Logs in with the token, as the user that it is for. */
export async function logIn({ endpoints }: Platform, token: string, resource: string, user: string = NAMES.user): Promise<RawClient> {
  return RawClient.logIn(endpoints.gatewayUrls[0]!, { appKey: endpoints.appKey, user, token, resource }, { inbox: new Inbox() });
}

async function ok(answer: Promise<{ status: number; body: unknown }>): Promise<unknown> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`the world could not be made: ${status} ${JSON.stringify(body)}`);
  return body;
}
