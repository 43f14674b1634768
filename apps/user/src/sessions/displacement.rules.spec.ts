import { describe, expect, it } from '@jest/globals';
import { user } from '@parley/contracts';
import { kicksOf } from './displacement.rules.js';

const tenant = { appId: 1, appUuid: 'u', org: 'demo', app: 'chat' };
const login = (resource: string, sessionId: string, userId = 7n) =>
  user.OpenSession.fromPartial({ tenant, userId, resource, sessionId, loginExt: `text of ${sessionId}` });

describe('a session that gives way', () => {
  it('is named, with the text of the newcomer', () => {
    expect(kicksOf([login('web_9', 's9', 8n), login('web_5', 's5')], [{ ord: 1, resource: 'web_1', sessionId: 's1' }])).toEqual([
      { appId: 1, userId: 7n, resource: 'web_1', sessionId: 's1', reason: 'text of s5' },
    ]);
  });

  it('is kicked alone: a later session of its device, in the same batch or another, is not meant', () => {
    const logins = [login('web_1', 'a'), login('web_1', 'b')];
    const displaced = [
      { ord: 0, resource: 'web_1', sessionId: 'before' },
      { ord: 1, resource: 'web_1', sessionId: 'a' },
    ];
    expect(kicksOf(logins, displaced).map((kick) => kick.sessionId)).toEqual(['before', 'a']);
  });
});
