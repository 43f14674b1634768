import { rateSettings } from './rates.catalogue.js';
import { limit, number, type Setting, type SettingValue, toggle } from './setting.js';

const FOREVER_SECONDS = 2_147_483_647;
const DAY_SECONDS = 86_400;
const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;
/** Quotas that nobody has set. */
const UNLIMITED = 1_000_000_000;

/** Every setting of an app, in one place: docs/app-settings.md is printed from it, the admin API validates against it. */
export const appSettingsCatalogue = {
  // --- users and tokens
  openRegistration: toggle(false, 'Anybody may register a user, one at a time, without a token.'),
  tokenTtlSeconds: number(60 * DAY_SECONDS, [0, FOREVER_SECONDS], 'Lifetime of tokens whose caller names none; 0 = for ever.'),
  dynamicTokenAutoCreate: toggle(false, 'A login with a self-made dynamic token (dt-) makes the user if he is missing.'),
  devicesPerPlatform: limit(4, [1, 100], 'Devices of one platform on which a user may be signed in; the oldest gives way.'),
  userAttributesEnabled: toggle(true, 'User attributes.'),
  userAttributesBytes: limit(2 * KIB, [0, 64 * KIB], 'Attributes of one user, in bytes.'),
  userAttributesAppBytes: limit(10 * GIB, [0, 1_000 * GIB], 'Attributes of all users together, in bytes.'),

  // --- quotas
  usersMost: limit(UNLIMITED, [0, UNLIMITED], 'Registered users.'),
  connectionsMost: limit(UNLIMITED, [0, UNLIMITED], 'Devices that are signed in at the same time.'),
  dailyActiveMost: limit(UNLIMITED, [0, UNLIMITED], 'Users that open a session on one day (UTC).'),

  // --- contacts and presence
  contactsMost: limit(3_000, [0, 100_000], 'Contacts of one user.'),
  contactsOnly: toggle(false, 'Only contacts may write to each other.'),
  blocklistMost: limit(500, [0, 10_000], 'Users that one user may block.'),
  presenceEnabled: toggle(true, 'Presence.'),
  presenceSubscriptionsMost: limit(3_000, [0, 100_000], 'Users that one user may watch; a further one takes the place of the one that ends soonest.'),
  presenceSubscribersMost: limit(3_000, [0, 100_000], 'Users that may watch one user.'),

  // --- messages
  messageBytes: limit(5 * KIB, [KIB, 32 * KIB], 'One message or edit: body and ext together, in bytes; never more than `PARLEY_API_MAX_MESSAGE_BYTES` and `PARLEY_GATEWAY_MAX_MESSAGE_BYTES` say.'),
  recallEnabled: toggle(true, 'Recall.'),
  recallWindowSeconds: number(120, [0, 7 * DAY_SECONDS], 'How long after sending its sender may recall a message.'),
  editEnabled: toggle(true, 'Editing of sent messages.'),
  editsPerMessage: limit(10, [0, 100], 'Edits of one message.'),
  expiryMostSeconds: limit(30 * DAY_SECONDS, [1, 365 * DAY_SECONDS], 'Longest time to live of a self-destructing message.'),
  reactionsEnabled: toggle(true, 'Reactions.'),
  reactionKindsPerMessage: limit(20, [0, 100], 'Different reactions on one message.'),
  traceDays: limit(3, [0, 30], 'How long the trace of a message is kept; 0 = no traces.'),

  // --- history and conversations
  historyEnabled: toggle(true, 'Clients may read history from the server.'),
  historyDays: limit(180, [1, 3_650], 'How long messages are kept.'),
  conversationsMost: limit(500, [1, 10_000], 'Conversations in the list of one user; the oldest gives way.'),
  pinnedConversationsMost: limit(50, [0, 500], 'Conversations that one user may pin.'),
  pinnedMessagesMost: limit(20, [0, 100], 'Pinned messages of one conversation.'),
  restConversations: toggle(false, 'Messages sent over REST put their conversation into the list of its users.'),

  // --- files
  attachmentBytes: limit(10 * MIB, [1 * KIB, 200 * MIB], 'One attachment, in bytes.'),
  attachmentDays: limit(7, [1, 3_650], 'How long an attachment is kept that no message refers to.'),
  attachmentStorageBytes: limit(100 * GIB, [0, 100_000 * GIB], 'All attachments together, in bytes.'),

  // --- rates of REST operations and of clients
  ...rateSettings,
} as const satisfies Record<string, Setting>;

export type AppSettingName = keyof typeof appSettingsCatalogue;

/** The settings that hold for an app. */
export type AppSettings = { readonly [Name in AppSettingName]: SettingValue<(typeof appSettingsCatalogue)[Name]> };

export const defaultAppSettings: AppSettings = Object.fromEntries(
  Object.entries(appSettingsCatalogue).map(([name, setting]) => [name, setting.default]),
) as AppSettings;

export function isAppSettingName(name: string): name is AppSettingName {
  return Object.hasOwn(appSettingsCatalogue, name);
}
