import { describe, expect, it } from '@jest/globals';
import { type Act, checkReason, checkRemark, outcomeOf, type Relation } from './contact.rules.js';

const strangers: Relation = { state: 'strangers' };
const asked: Relation = { state: 'invited', by: 'actor', reason: 'hi' };
const askedByOther: Relation = { state: 'invited', by: 'other', reason: 'hi' };
const contacts: Relation = { state: 'contacts' };
const invite = (reason = 'hi', blocked = false): Act => ({ kind: 'invite', reason, blocked });

describe('what an act makes of two users', () => {
  it.each<[string, Relation, Act, Relation | undefined, string | undefined]>([
    ['an invitation of a stranger waits', strangers, invite(), asked, 'invited'],
    ['an invitation said again changes nothing', asked, invite(), undefined, undefined],
    ['an invitation in other words is news', asked, invite('please'), { ...asked, reason: 'please' } as Relation, 'invited'],
    ['two who invite each other are contacts', askedByOther, invite(), contacts, 'accepted'],
    ['contacts need no invitation', contacts, invite('hi', true), undefined, undefined],
    ['an invitation is accepted', askedByOther, { kind: 'accept' }, contacts, 'accepted'],
    ['an acceptance said again changes nothing', contacts, { kind: 'accept' }, undefined, undefined],
    ['an invitation is declined', askedByOther, { kind: 'decline' }, strangers, 'declined'],
    ["one's own invitation is not there to decline", asked, { kind: 'decline' }, undefined, undefined],
    ['nothing is there to decline', strangers, { kind: 'decline' }, undefined, undefined],
    ['contacts cannot be declined', contacts, { kind: 'decline' }, undefined, undefined],
    ['a server adds strangers', strangers, { kind: 'add' }, contacts, 'added'],
    ['a server adds who was asked', asked, { kind: 'add' }, contacts, 'added'],
    ['a server adds contacts again', contacts, { kind: 'add' }, undefined, undefined],
    ['a contact is removed', contacts, { kind: 'remove' }, strangers, 'removed'],
    ['strangers are not removed', strangers, { kind: 'remove' }, undefined, undefined],
    ['an invitation outlives a removal', askedByOther, { kind: 'remove' }, undefined, undefined],
  ])('%s', (_, relation, act, then, news) => {
    expect(outcomeOf(relation, act)).toEqual(then && { relation: then, news });
  });

  it.each<[string, Relation, Act, string]>([
    ['who is blocked invites', strangers, invite('hi', true), 'blocked'],
    ['who is blocked invites back', askedByOther, invite('hi', true), 'blocked'],
    ['nobody has invited', strangers, { kind: 'accept' }, 'contact_not_invited'],
    ['one accepts his own invitation', asked, { kind: 'accept' }, 'contact_not_invited'],
  ])('is refused when %s', (_, relation, act, code) => {
    expect(() => outcomeOf(relation, act)).toThrow(expect.objectContaining({ code }));
  });
});

describe('words of users', () => {
  it('cuts the reason of an invitation between characters', () => {
    expect(checkReason(`\u0000${'😀'.repeat(2_000)}`)).toBe('😀'.repeat(1_024));
  });

  it('takes a remark of 100 characters, whatever they are, and no more', () => {
    expect(checkRemark('😀'.repeat(100))).toHaveLength(200);
    expect(() => checkRemark('x'.repeat(101))).toThrow(expect.objectContaining({ code: 'contact_remark_too_long' }));
  });
});
