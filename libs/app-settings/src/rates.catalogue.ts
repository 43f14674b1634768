import { limit, type LimitSetting } from './setting.js';

/** Windows are cut from the clock (UTC): a day begins at midnight. */
export const windowSeconds = { second: 1, '10 seconds': 10, minute: 60, 'half hour': 1_800, day: 86_400 } as const;
export type RateWindow = keyof typeof windowSeconds;

export interface Rate {
  readonly most: number;
  readonly window: RateWindow;
  /** What one counts: a call, or a message to one receiver (a user, a group, a room). */
  readonly counts: 'calls' | 'messages';
  /** "POST /users": operations below /{org}/{app}, which share the rate; a parameter is written as `:`. */
  readonly operations: readonly string[];
  /** One count for each user of the path instead of one for the app. */
  readonly perUser?: true;
}

function rate(most: number, window: RateWindow, counts: Rate['counts'], ...operations: string[]): Rate {
  return { most, window, counts, operations };
}

/** Rates of an app by default, as the vendor documents them. Each is also a setting of the app. */
export const rateCatalogue = {
  rateOther: rate(100, 'second', 'calls'),
  rateToken: rate(300, 'second', 'calls', 'POST /token'),
  rateRegister: rate(100, 'second', 'calls', 'POST /users'),
  rateDeleteUsers: rate(30, 'second', 'calls', 'DELETE /users'),
  rateBatchStatus: rate(50, 'second', 'calls', 'POST /users/batch/status'),
  rateModifyUser: rate(100, 'second', 'calls', 'PUT /users/:'),
  ratePushBinding: rate(100, 'second', 'calls', 'PUT /users/:/push/binding', 'GET /users/:/push/binding'),
  ratePushTemplateCreate: rate(10, 'second', 'calls', 'POST /notification/template'),
  ratePushTemplateGet: rate(10, 'second', 'calls', 'GET /notification/template/:'),
  ratePushTemplateDelete: rate(10, 'second', 'calls', 'DELETE /notification/template/:'),
  rateBlocklistGet: rate(50, 'second', 'calls', 'GET /users/:/blocks/users'),
  rateBlocklistAdd: rate(50, 'second', 'calls', 'POST /users/:/blocks/users'),
  rateBlocklistRemove: rate(50, 'second', 'calls', 'DELETE /users/:/blocks/users/:'),
  ratePresenceSet: rate(50, 'second', 'calls', 'POST /users/:/presence/:/:'),
  ratePresenceSubscribe: rate(50, 'second', 'calls', 'POST /users/:/presence/:'),
  ratePresenceUnsubscribe: rate(50, 'second', 'calls', 'DELETE /users/:/presence'),
  ratePresenceGet: rate(50, 'second', 'calls', 'POST /users/:/presence'),
  ratePresenceList: rate(50, 'second', 'calls', 'GET /users/:/presence/sublist'),
  rateJoinedGroups: rate(50, 'second', 'calls', 'GET /chatgroups/user/:'),
  rateRoomCreate: rate(50, 'second', 'calls', 'POST /chatrooms'),
  rateRoomList: rate(50, 'second', 'calls', 'GET /chatrooms'),
  rateJoinedRooms: rate(50, 'second', 'calls', 'GET /users/:/joined_chatrooms'),
  rateSendToUsersCalls: rate(100, 'second', 'calls', 'POST /messages/users'),
  rateSendToUsers: rate(6_000, 'minute', 'messages', 'POST /messages/users'),
  rateSendToGroupsCalls: rate(20, 'second', 'calls', 'POST /messages/chatgroups'),
  rateSendToGroups: rate(20, 'second', 'messages', 'POST /messages/chatgroups'),
  rateSendToGroupMembers: rate(100, 'second', 'messages', 'POST /messages/chatgroups/users'),
  rateSendToRoomsCalls: rate(20, 'second', 'calls', 'POST /messages/chatrooms'),
  rateSendToRooms: rate(100, 'second', 'messages', 'POST /messages/chatrooms'),
  rateRoomBroadcastMinute: rate(10, 'minute', 'calls', 'POST /messages/chatrooms/broadcast'),
  rateRoomBroadcastDay: rate(100, 'day', 'calls', 'POST /messages/chatrooms/broadcast'),
  rateBroadcastHalfHour: rate(1, 'half hour', 'calls', 'POST /messages/broadcast'),
  rateBroadcastDay: rate(3, 'day', 'calls', 'POST /messages/broadcast'),
  rateUserBroadcastMinute: rate(1, 'minute', 'calls', 'POST /messages/users/broadcast'),
  rateUserBroadcastDay: rate(50, 'day', 'calls', 'POST /messages/users/broadcast'),
  rateHistoryFiles: rate(10, 'minute', 'calls', 'GET /chatmessages/:'),
  rateDeleteConversation: rate(100, 'second', 'calls', 'DELETE /users/:/user_channel'),
  rateDeleteConversationOfUser: { ...rate(5, 'minute', 'calls', 'DELETE /users/:/user_channel'), perUser: true },
  rateImportToUsers: rate(100, 'second', 'messages', 'POST /messages/users/import'),
  rateImportToGroups: rate(100, 'second', 'messages', 'POST /messages/chatgroups/import'),
  rateStreamToUser: rate(100, 'second', 'messages', 'POST /stream_message/user'),
  rateStreamToGroup: rate(100, 'second', 'messages', 'POST /stream_message/chatgroup'),
  ratePushSync: rate(1, 'second', 'calls', 'POST /push/sync/:'),
  ratePushSingle: rate(1_200, 'minute', 'calls', 'POST /push/single', 'POST /push/list/label'),
  ratePushTaskMinute: rate(5, 'minute', 'calls', 'POST /push/task'),
  ratePushTaskDay: rate(100, 'day', 'calls', 'POST /push/task'),
  ratePushStatistics: rate(10, '10 seconds', 'calls', 'GET /push/data/offline-push/begin/:/end/:'),
  rateClientSends: rate(100_000, 'second', 'messages'),
  rateUserSends: { ...rate(1_000, 'second', 'messages'), perUser: true },
  rateUserReceipts: { ...rate(5_000, 'second', 'messages'), perUser: true },
} as const satisfies Record<string, Rate>;

export type RateName = keyof typeof rateCatalogue;

/** How far an operator may raise a rate. */
const RAISED_MOST = 10_000;

const entries = Object.entries(rateCatalogue) as [RateName, Rate][];

/** Every rate as a setting: the app may lower it, the operator may raise it. */
export const rateSettings = Object.fromEntries(
  entries.map(([name, one]) => [name, limit(one.most, [0, one.most * RAISED_MOST], docOf(name, one))]),
) as { readonly [Name in RateName]: LimitSetting };

/** The rates of an operation by its vendor's path; the common one for those that the table does not name. */
export function ratesOf(method: string, path: string): RateName[] {
  const wanted = `${method} ${path.replace(/:\w+/g, ':')}`;
  const own = entries.filter(([, { operations }]) => operations.includes(wanted)).map(([name]) => name);
  return own.some((name) => rateCatalogue[name].counts === 'calls') ? own : ['rateOther', ...own];
}

function docOf(name: RateName, { counts, window, operations, perUser }: Rate): string {
  if (name === 'rateOther') return 'Calls a second of each operation that has no rate of its own.';
  if (name === 'rateClientSends') return 'Messages a second from all clients of the app together, over MSYNC.';
  if (name === 'rateUserSends') return 'Messages a second of one user over MSYNC, from all his devices at one gateway.';
  if (name === 'rateUserReceipts') return 'Receipts (delivered, read) a second of one user, counted likewise; they count for no other rate.';
  const what = counts === 'calls' ? 'Calls' : 'Messages';
  return `${what} in each ${window}${perUser ? ', of one user' : ''}: ${operations.join(', ')}.`;
}
