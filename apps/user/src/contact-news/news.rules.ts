import { createHash } from 'node:crypto';
import { type EventSubject, eventSubjects } from '@parley/bus';
import type { events, system } from '@parley/contracts';
import { encodeRosterBody, NameSpace, RosterOperation, userJid } from '@parley/msync';
import type { ContactNews } from '../generated/client.js';

export type NewsKind = 'invited' | 'accepted' | 'added' | 'declined' | 'removed' | 'departed' | 'blocked' | 'unblocked';

/** Who of the two is told what. `from` is whom the client shows; `notHere` leaves out the device that acted. */
interface Telling {
  readonly to: 'actor' | 'other';
  readonly operation: RosterOperation;
  readonly from: 'actor' | 'other';
  readonly notHere?: true;
}

const { ADD, ACCEPT, DECLINE, REMOVE, BAN, ALLOW, REMOTE_ACCEPT, REMOTE_DECLINE } = RosterOperation;
const tellings: Readonly<Record<NewsKind, readonly Telling[]>> = {
  invited: [{ to: 'other', operation: ADD, from: 'actor' }],
  accepted: [
    { to: 'other', operation: REMOTE_ACCEPT, from: 'actor' },
    { to: 'actor', operation: ACCEPT, from: 'other' },
  ],
  added: [
    { to: 'other', operation: ACCEPT, from: 'actor' },
    { to: 'actor', operation: ACCEPT, from: 'other' },
  ],
  declined: [
    { to: 'other', operation: REMOTE_DECLINE, from: 'actor' },
    // From himself, lest it reads as if the other had declined.
    { to: 'actor', operation: DECLINE, from: 'actor', notHere: true },
  ],
  removed: [
    { to: 'other', operation: REMOVE, from: 'actor' },
    { to: 'actor', operation: REMOVE, from: 'other', notHere: true },
  ],
  departed: [{ to: 'other', operation: REMOVE, from: 'actor' }],
  blocked: [{ to: 'actor', operation: BAN, from: 'actor', notHere: true }],
  unblocked: [{ to: 'actor', operation: ALLOW, from: 'actor', notHere: true }],
};

const eventOf: Readonly<Record<NewsKind, EventSubject<events.RelationChanged>>> = {
  invited: eventSubjects.contactInvited,
  accepted: eventSubjects.contactAdded,
  added: eventSubjects.contactAdded,
  declined: eventSubjects.contactDeclined,
  removed: eventSubjects.contactRemoved,
  departed: eventSubjects.contactRemoved,
  blocked: eventSubjects.userBlocked,
  unblocked: eventSubjects.userUnblocked,
};

/** What the devices of the two are told, in the system queue of each. */
export function itemsOf(news: ContactNews): system.SystemItem[] {
  if (news.silent) return [];
  const tenant = { appId: news.appId, appUuid: news.appUuid, org: news.org, app: news.app };
  const names = { actor: news.actor, other: news.other };
  const ids = { actor: news.actorId, other: news.otherId };
  const jid = (name: string) => userJid(`${news.org}#${news.app}`, name);
  return tellings[news.kind as NewsKind].map(({ to, operation, from, notHere }) => ({
    tenant,
    userId: ids[to],
    username: names[to],
    exceptResource: notHere ? news.resource : '',
    eventId: eventIdOf(news.id),
    from: names[from],
    ns: NameSpace.ROSTER,
    payload: encodeRosterBody({ operation, from: jid(names[from]), to: jid(names[from === 'actor' ? 'other' : 'actor']), reason: news.reason }),
    onlineOnly: false,
    traceparent: '',
  }));
}

/** What other services are told. */
export function eventOfNews(news: ContactNews): { subject: EventSubject<events.RelationChanged>; event: events.RelationChanged; dedupeId: string } {
  const { appId, id, actorId, actor, otherId, other, reason } = news;
  return {
    subject: eventOf[news.kind as NewsKind],
    event: {
      appId,
      id,
      actorId,
      actor,
      otherId,
      other,
      reason,
      happenedMs: BigInt(news.happenedAt.getTime()),
      accepted: news.kind === 'accepted',
      departed: news.kind === 'departed',
    },
    dedupeId: `relation.${id}`,
  };
}

/** Unique among what all services tell a user. */
function eventIdOf(id: bigint): bigint {
  return createHash('sha256').update(`contact-news ${id}`).digest().readBigUInt64BE();
}
