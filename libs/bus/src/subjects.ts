import { auth, events, exchange, message, messageChanges, policy, rates, presence, revocation, system, trace, user } from '@parley/contracts';
import type { Codec } from './encoding.js';

export interface RequestSubject<Q, A> {
  readonly subject: string;
  /** Replicas of the service share the load under this name. */
  readonly queue: string;
  readonly request: Codec<Q>;
  readonly answer: Codec<A>;
}

export interface BroadcastSubject<T> {
  readonly subject: string;
  readonly codec: Codec<T>;
}

export interface EventSubject<T> {
  readonly suffix: string;
  readonly codec: Codec<T>;
}

function request<Q, A>(subject: string, queue: string, q: Codec<Q>, a: Codec<A>): RequestSubject<Q, A> {
  return { subject, queue, request: q, answer: a };
}

/**
 * Request and reply: at most once, safe to repeat (each says why in its contract). A batch may carry several apps, so
 * these subjects name none; each item carries its tenant.
 */
export const requests = {
  appSettings: request('rpc.auth.app_settings', 'auth', auth.AppStateRequest, auth.AppStateResponse),
  exchangeTokens: request('rpc.auth.exchange', 'auth', exchange.ExchangeRequest, exchange.ExchangeResponse),
  appEpochs: request('rpc.auth.epochs', 'auth', revocation.EpochsRequest, revocation.EpochsResponse),
  appRevocations: request(
    'rpc.auth.revocations',
    'auth',
    revocation.RecentRevocationsRequest,
    revocation.RecentRevocationsResponse,
  ),
  openSessions: request('rpc.user.open_sessions', 'user', user.OpenSessionsRequest, user.OpenSessionsResponse),
  closeSessions: request('rpc.user.close_sessions', 'user', user.CloseSessions, user.CloseSessions),
  renewLease: request('rpc.user.renew_lease', 'user', presence.RenewLeaseRequest, presence.RenewLeaseResponse),
  resolveUsers: request('rpc.user.resolve', 'user', user.ResolveUsersRequest, user.ResolveUsersResponse),
  userPolicy: request('rpc.user.policy', 'user', policy.PolicyRequest, policy.PolicyResponse),
  userEpochs: request('rpc.user.epochs', 'user', revocation.EpochsRequest, revocation.EpochsResponse),
  userRevocations: request(
    'rpc.user.revocations',
    'user',
    revocation.RecentRevocationsRequest,
    revocation.RecentRevocationsResponse,
  ),
  send: request('rpc.message.send', 'message', message.SendBatchRequest, message.SendBatchResponse),
  appendSystem: request('rpc.message.append_system', 'message', system.AppendSystemRequest, system.AppendSystemResponse),
  unread: request('rpc.message.unread', 'message', message.UnreadRequest, message.UnreadResponse),
  pull: request('rpc.message.pull', 'message', message.PullRequest, message.PullResponse),
  moveCursors: request('rpc.message.move_cursors', 'message', message.MoveCursorsRequest, message.MoveCursorsResponse),
  notePushes: request('rpc.message.note_pushes', 'message', trace.NotePushesRequest, trace.NotePushesResponse),
} as const;

/**
 * To every process that listens, at most once: what it keeps in memory is no longer true. Whoever listens must also have
 * another way to learn of it.
 */
export const broadcasts = {
  appChanged: { subject: 'ctl.app_changed', codec: auth.AppChanged } as BroadcastSubject<auth.AppChanged>,
  policyChanged: { subject: 'ctl.policy_changed', codec: policy.PolicyChanged } as BroadcastSubject<policy.PolicyChanged>,
  namesFreed: { subject: 'ctl.names_freed', codec: user.NamesFreed } as BroadcastSubject<user.NamesFreed>,
  revoked: { subject: 'ctl.revoked', codec: revocation.Revocations } as BroadcastSubject<revocation.Revocations>,
  /** What replicas have taken of the rates of apps; every tenth of a second. */
  rates: { subject: 'ctl.rates', codec: rates.RateReport } as BroadcastSubject<rates.RateReport>,
  /** The same between gateways: who never counts a rate must have no part of it. */
  clientRates: { subject: 'ctl.client_rates', codec: rates.RateReport } as BroadcastSubject<rates.RateReport>,
} as const;

/** Live delivery and kicks to the gateways that hold sessions of the user. Core NATS: at most once, never the truth. */
export function liveSubject(appId: number, userId: bigint): string {
  return `live.${appId}.${userId}`;
}

/** News for the sessions of one gateway. Core NATS: at most once, never the truth. */
export function gatewaySubject(gatewayId: string): string {
  return `gw.${gatewayId}`;
}

/** Domain events: evt.<appId>.<suffix>, at least once, kept three days for consumers that were away. */
export const eventSubjects = {
  /** Of messages that name no file, and of such that may: to hear of every message makes a consumer as dear as the sending. */
  messagesStored: { suffix: 'message.stored.plain', codec: events.MessagesStored } as EventSubject<events.MessagesStored>,
  messagesWithFilesStored: { suffix: 'message.stored.files', codec: events.MessagesStored } as EventSubject<events.MessagesStored>,
  messageImported: { suffix: 'message.imported', codec: events.MessageImported } as EventSubject<events.MessageImported>,
  messageRecalled: { suffix: 'message.recalled', codec: messageChanges.MessageRecalled } as EventSubject<messageChanges.MessageRecalled>,
  messageExpired: { suffix: 'message.expired', codec: messageChanges.MessageExpired } as EventSubject<messageChanges.MessageExpired>,
  messageEdited: { suffix: 'message.edited', codec: messageChanges.MessageEdited } as EventSubject<messageChanges.MessageEdited>,
  usersRegistered: { suffix: 'user.registered', codec: events.UsersRegistered } as EventSubject<events.UsersRegistered>,
  appPurged: { suffix: 'app.purged', codec: events.AppPurged } as EventSubject<events.AppPurged>,
  userDeleted: { suffix: 'user.deleted', codec: events.UserDeleted } as EventSubject<events.UserDeleted>,
  contactInvited: { suffix: 'contact.invited', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
  contactAdded: { suffix: 'contact.added', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
  contactDeclined: { suffix: 'contact.declined', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
  contactRemoved: { suffix: 'contact.removed', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
  userBlocked: { suffix: 'user.blocked', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
  userUnblocked: { suffix: 'user.unblocked', codec: events.RelationChanged } as EventSubject<events.RelationChanged>,
} as const;

/** All of them, in any app. */
export const EVERY_STORED_MESSAGE = 'evt.*.message.stored.*';

export const eventStream = {
  name: 'PARLEY_EVENTS',
  subjects: ['evt.>'],
  maxAgeMs: 3 * 24 * 3_600_000,
  maxBytes: 2 * 1024 * 1024 * 1024,
  duplicateWindowMs: 120_000,
} as const;

/** The last value of each key, for two days: totals of rates whose window is long. */
export const keptStream = {
  name: 'PARLEY_KEPT',
  prefix: 'keep.',
  maxAgeMs: 2 * 24 * 3_600_000,
  maxBytes: 64 * 1024 * 1024,
} as const;
