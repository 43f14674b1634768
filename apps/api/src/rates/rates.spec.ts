import { describe, expect, it } from '@jest/globals';
import { rateCatalogue } from '@parley/app-settings';
import '../api.module.js';
import { operations } from '../http/operation.js';
import { messagesOf, ratesOfOperation } from './rate.rules.js';

describe('which rate an operation counts for', () => {
  it.each([
    ['POST', '/token', ['rateToken']],
    ['POST', '/users', ['rateRegister']],
    ['GET', '/users/:username', ['rateOther']],
    ['PUT', '/users/:username', ['rateModifyUser']],
    ['PUT', '/users/:username/push/binding', ['ratePushBinding']],
    ['GET', '/users/:username/push/binding', ['ratePushBinding']],
    ['PUT', '/push/nickname', ['rateOther']],
    ['POST', '/messages/users', ['rateSendToUsersCalls', 'rateSendToUsers']],
    ['POST', '/messages/broadcast', ['rateBroadcastHalfHour', 'rateBroadcastDay']],
    ['POST', '/messages/chatgroups/users', ['rateOther', 'rateSendToGroupMembers']],
  ] as const)('%s %s: %j', (method, path, rates) => {
    expect(ratesOfOperation({ method, path: `/:org/:app${path}` })).toEqual(rates);
  });

  it('every operation has one that counts calls', () => {
    for (const operation of operations()) {
      expect(ratesOfOperation(operation).some((name) => rateCatalogue[name].counts === 'calls')).toBe(true);
    }
  });
});

it.each([
  [{ to: ['a', 'b', 'a'] }, 2],
  [{ to: 'group', users: ['a', 'b', 'c'] }, 3],
  [{ to: [] }, 1],
  [{ to: Array.from({ length: 10_000 }, (_, i) => i) }, 600],
  [undefined, 1],
  ['text', 1],
])('a send of %j counts as %i messages', (body, count) => {
  expect(messagesOf(body)).toBe(count);
});
