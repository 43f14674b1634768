import { describe, expect, it } from '@jest/globals';
import { refusalOf } from './policy.rules.js';

const NOW = 1_800_000_000_000;
const free = { chatMutedUntilMs: 0n };
const strangers = { blocked: false, contact: false };
const contacts = { blocked: false, contact: true };
const anybody = { contactsOnly: false };
const contactsOnly = { contactsOnly: true };

describe('whether one user may write to another', () => {
  it.each([
    ['strangers, in an app where anybody may', free, strangers, anybody, undefined],
    ['strangers, in an app for contacts only', free, strangers, contactsOnly, 'not_a_contact'],
    ['contacts, in an app for contacts only', free, contacts, contactsOnly, undefined],
    ['a blocked contact', free, { blocked: true, contact: true }, contactsOnly, 'blocked'],
    ['a blocked stranger', free, { blocked: true, contact: false }, contactsOnly, 'blocked'],
    ['somebody who is muted for a while', { chatMutedUntilMs: BigInt(NOW + 1) }, contacts, anybody, 'sender_muted'],
    ['somebody whose mute has just ended', { chatMutedUntilMs: BigInt(NOW) }, contacts, anybody, undefined],
    ['somebody who is muted for ever', { chatMutedUntilMs: -1n }, { blocked: true, contact: false }, anybody, 'sender_muted'],
  ] as const)('%s', (_, mutes, between, settings, refusal) => {
    expect(refusalOf(mutes, between, settings, NOW)).toBe(refusal);
  });
});
