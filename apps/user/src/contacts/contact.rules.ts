import { DomainError, type ErrorCode } from '@parley/errors';
import type { NewsKind } from '../contact-news/news.rules.js';

/** What two users are to each other, as the one sees it who acts. */
export type Relation =
  | { readonly state: 'strangers' }
  | { readonly state: 'invited'; readonly by: 'actor' | 'other'; readonly reason: string }
  | { readonly state: 'contacts' };

export type Act =
  | { readonly kind: 'invite'; readonly reason: string; readonly blocked: boolean }
  | { readonly kind: 'accept' | 'decline' | 'add' | 'remove' };

/** What becomes of it; undefined = it stays as it is, and nobody is told. */
export type Outcome = { readonly relation: Relation; readonly news: NewsKind } | undefined;

const REASON_LIMIT = 1_024;
const REMARK_LIMIT = 100;
/** Invitations that wait for one user, and those of one user that wait. */
export const INVITATIONS_MOST = 500;
/** How long an invitation waits, in ms. */
export const INVITATION_MS = 30 * 24 * 3_600_000;

/**
 * What an act makes of a relation. Pure; how many contacts there may be is checked where they are counted.
 * @throws DomainError blocked, contact_not_invited
 */
export function outcomeOf(relation: Relation, act: Act): Outcome {
  const invitedByOther = relation.state === 'invited' && relation.by === 'other';
  switch (act.kind) {
    case 'invite':
      if (relation.state === 'contacts') return undefined;
      if (act.blocked) throw new DomainError('blocked');
      // Both want it.
      if (invitedByOther) return { relation: { state: 'contacts' }, news: 'accepted' };
      // The same words again are a repetition; others are news.
      if (relation.state === 'invited' && relation.reason === act.reason) return undefined;
      return { relation: { state: 'invited', by: 'actor', reason: act.reason }, news: 'invited' };
    case 'accept':
      if (relation.state === 'contacts') return undefined;
      if (!invitedByOther) throw new DomainError('contact_not_invited');
      return { relation: { state: 'contacts' }, news: 'accepted' };
    case 'decline':
      return invitedByOther ? { relation: { state: 'strangers' }, news: 'declined' } : undefined;
    case 'add':
      return relation.state === 'contacts' ? undefined : { relation: { state: 'contacts' }, news: 'added' };
    case 'remove':
      return relation.state === 'contacts' ? { relation: { state: 'strangers' }, news: 'removed' } : undefined;
  }
}

/** The text of an invitation, cut to what is kept: never a reason to refuse one. */
export function checkReason(reason: string): string {
  return [...reason.replaceAll('\u0000', '')].slice(0, REASON_LIMIT).join('');
}

/** @throws DomainError contact_remark_too_long */
export function checkRemark(remark: string): string {
  if ([...remark].length > REMARK_LIMIT || remark.includes('\u0000')) throw new DomainError('contact_remark_too_long');
  return remark;
}

/** Where an imported user belongs who could not be added. */
export function importFailure(code: ErrorCode | undefined): 'notExisting' | 'overLimit' | 'failed' {
  if (code === 'user_not_found') return 'notExisting';
  return code === 'contact_limit' ? 'overLimit' : 'failed';
}
