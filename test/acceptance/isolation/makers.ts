import type { DocumentedOperation } from './document.js';
import type { JsonSchema } from './examples.js';

/** What an id can be an id of. A world has one of each. */
export type Kind = 'user' | 'friend' | 'message' | 'file' | 'device' | 'cursor' | 'clientId' | 'clientSecret' | 'password' | 'newUser' | 'token' | 'recallable' | 'pushDevice' | 'pushToken';

/**
 * What a parameter or a field of that name identifies. A path parameter, or a field whose name says that it is an id,
 * that is not here fails the test: add it, or a whole request to `requests` below.
 */
export const kinds: Readonly<Record<string, Kind>> = {
  username: 'user',
  usernames: 'friend',
  users: 'friend',
  targets: 'friend',
  token: 'token',
  user: 'user',
  from: 'user',
  to: 'friend',
  friend: 'friend',
  blocked: 'friend',
  check_list: 'friend',
  owner: 'user',
  userId: 'friend',
  channel: 'friend',
  fileId: 'file',
  chatfile_ids: 'file',
  messageId: 'message',
  msgId: 'message',
  msg_id: 'message',
  msgIdList: 'message',
  pin_msg_id: 'message',
  resource: 'device',
  device_id: 'pushDevice',
  device_token: 'pushToken',
  cursor: 'cursor',
  client_id: 'clientId',
  client_secret: 'clientSecret',
  password: 'password',
  newpassword: 'password',
};

/** Fields that look like an id and are none. */
export const notIds: ReadonlySet<string> = new Set(['autoCreateUser', 'filename', 'groupId', 'kind', 'nickname', 'roam_ignore_users', 'token', 'useMsgId']);

/** Values of parameters and fields that are no id, where not any text will do. */
export const plain: Readonly<Record<string, string>> = {
  kind: 'chat',
  type: 'chat',
  chat_type: 'chat',
  mark: 'mark_1',
  notifier_name: 'fcm',
  message: 'smile',
  delTime: '1',
  status: '1',
  expiry: '1000',
  hour: '2026010100',
};

const LOOKS_LIKE_AN_ID = /(^|_)(id|ids|uuid|uuids|name|names|user|users|owner|friend|member|members|key|token|cursor)$|Ids?$|Uuid$|Names?$|Users?$/;

/** Names that nobody has said the meaning of. */
export function unknownNames({ parameters, body }: DocumentedOperation): string[] {
  const known = (name: string) => Object.hasOwn(kinds, name) || Object.hasOwn(plain, name) || notIds.has(name);
  const path = parameters.filter((one) => one.in === 'path' && one.name !== 'org' && one.name !== 'app').map((one) => one.name);
  const others = [...parameters.filter((one) => one.in === 'query').map((one) => one.name), ...fieldNames(body)];
  return [...path.filter((name) => !known(name)), ...others.filter((name) => LOOKS_LIKE_AN_ID.test(name) && !known(name))];
}

function fieldNames(schema: JsonSchema | undefined): string[] {
  if (!schema) return [];
  const inside = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? []), ...(schema.items ? [schema.items] : [])];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [name, ...fieldNames(one)]),
    ...inside.flatMap(fieldNames),
  ];
}

export interface Request {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
type Values = Readonly<Record<Kind, string>>;

/** Requests of operations for which the schema says too little to make one that succeeds. */
export const requests: Readonly<Record<string, (values: Values) => Request[]>> = {
  'PUT /{org}/{app}/messages/rewrite/{messageId}': ({ message, friend }) => [
    { path: { messageId: message }, body: { user: friend, new_msg: { type: 'txt', msg: 'x' } } },
    { path: { messageId: message }, body: { user: 'admin', new_ext: { x: 1 } } },
  ],
  'POST /{org}/{app}/messages/msg_recall': ({ message, user }) => [{ body: { msg_id: message, to: user, chat_type: 'chat', force: true } }],
  'POST /{org}/{app}/messages/batch_recall': ({ message, user }) => [{ body: { msgs: [{ msg_id: message, to: user, chat_type: 'chat', force: true }] } }],
  'POST /{org}/{app}/messages/recall': ({ message, user }) => [{ body: { msgs: [{ msg_id: message, to: user, chat_type: 'chat', force: true }] } }],
  // Recalls of one message twice are none the second time.
  'DELETE /{org}/{app}/messages/{messageId}': ({ recallable }) => [{ path: { messageId: recallable } }],
  'POST /{org}/{app}/reaction/user/{username}': ({ message, user }) => [{ path: { username: user }, body: { msgId: message, message: 'x' } }],
  'GET /{org}/{app}/reaction/user/{username}': ({ message, user }) => [{ path: { username: user }, query: { msgIdList: message } }],
  'GET /{org}/{app}/reaction/user/{username}/detail': ({ message, user }) => [{ path: { username: user }, query: { msgId: message, message: 'x' } }],
  'DELETE /{org}/{app}/reaction/user/{username}': ({ message, user }) => [{ path: { username: user }, query: { msgId: message, message: 'x' } }],
  'POST /{org}/{app}/token': ({ clientId, clientSecret, user, password }) => [
    { body: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } },
    { body: { grant_type: 'password', username: user, password } },
    { body: { grant_type: 'inherit', username: user } },
    { body: { grant_type: 'inherit', username: user, autoCreateUser: true } },
  ],
  'POST /{org}/{app}/mutes': ({ user }) => [{ body: { username: user, chat: 10 } }, { body: { username: user, chat: 0 } }],
  'PUT /{org}/{app}/token/issuers': () => [{ body: { issuer: 'https://issuer.invalid', audiences: ['x'], jwks_url: 'https://issuer.invalid/keys' } }],
  'POST /{org}/{app}/stream_message/user': ({ user, friend }) => [{ body: { from: user, to: friend, body: { seq: 0, msg: 'x', status: 0 } } }],
  'GET /{org}/{app}/usage': () => [{ query: { from: '2026-01-01', to: '2026-01-31' } }],
  'POST /{org}/{app}/messages/users/import': ({ user, friend }) => [{ body: { from: user, target: friend, type: 'txt', body: { msg: 'x' } } }],
  'POST /{org}/{app}/users': ({ newUser, password }) => [{ body: { username: newUser, password } }, { body: [{ username: `${newUser}2`, password }] }],
  // Somebody else than the user himself.
  ...Object.fromEntries(
    [
      'POST /{org}/{app}/users/{username}/contacts/apply',
      'POST /{org}/{app}/users/{username}/contacts/import',
      'POST /{org}/{app}/users/{username}/blocks/users',
      'POST /{org}/{app}/sdk/user/{username}/blocks',
      'DELETE /{org}/{app}/sdk/user/{username}/blocks',
    ].map((name) => [name, ({ user, friend }: Values) => [{ path: { username: user }, body: { usernames: [friend] } }]]),
  ),
};

/** Operations that cannot succeed without what only the test of their feature makes; their refusals are tried all the same. */
export const needMore: Readonly<Record<string, string>> = {
  'POST /{org}/{app}/chatfiles': 'a form with a file',
  'PUT /{org}/{app}/sdk/chatfiles/part-upload/{fileId}': 'a form with a part',
  'POST /{org}/{app}/sdk/chatfiles/part-upload/{fileId}': 'all parts',
  'GET /{org}/{app}/chatmessages/{hour}': 'an hour whose file is made',
  'GET /{org}/{app}/chatmessages/{hour}/file': 'a signed link',
};

/** GETs that do something. */
export const getsThatAct: ReadonlySet<string> = new Set([
  'GET /{org}/{app}/users/{username}/disconnect',
  'GET /{org}/{app}/users/{username}/disconnect/{resource}',
]);

/** GETs whose answer grows by itself for a while. */
export const getsThatGrow: ReadonlySet<string> = new Set(['GET /{org}/{app}/messages/{messageId}/trace', 'GET /{org}/{app}/usage']);

/** What takes messages away comes after all that needs one. */
export const takesMessages = /\/roaming\/|\/user_channel$|DELETE .*\/messages\/\{messageId\}$/;

/** Operations that take away what others need: tried last, in this order. */
export const lastOfAll: readonly string[] = [
  'POST /{org}/{app}/messages/msg_recall',
  'POST /{org}/{app}/messages/batch_recall',
  'POST /{org}/{app}/messages/recall',
  'DELETE /{org}/{app}/messages/{messageId}',
  'DELETE /{org}/{app}/users/{username}',
  'DELETE /{org}/{app}/users',
];
