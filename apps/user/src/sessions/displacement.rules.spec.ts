import { describe, expect, it } from '@jest/globals';
import { user } from '@parley/contracts';
import { kicksOf } from './displacement.rules.js';

const { SESSION_VERDICT_OK: OK, SESSION_VERDICT_TOKEN_REVOKED: REVOKED } = user.SessionVerdict;
const tenant = { appId: 1, appUuid: 'u', org: 'demo', app: 'chat' };
const login = (resource: string, sessionId: string, userId = 7n) =>
  user.OpenSession.fromPartial({ tenant, userId, resource, sessionId, loginExt: `text of ${sessionId}` });

describe('a device that gives way', () => {
  it('ends for the newcomer, with its text', () => {
    expect(kicksOf([login('web_5', 's5')], [OK], [{ ord: 0, resource: 'web_1' }])).toEqual([
      { appId: 1, userId: 7n, resource: 'web_1', survivor: 's5', reason: 'text of s5' },
    ]);
  });

  it('twice in a batch gets one kick, which spares its last session', () => {
    const logins = [login('web_1', 'a'), login('web_1', 'b')];
    const kicks = kicksOf(logins, [OK, OK], [{ ord: 0, resource: 'web_1' }, { ord: 1, resource: 'web_1' }]);
    expect(kicks).toMatchObject([{ resource: 'web_1', survivor: 'b' }]);
  });

  it('and signs in again later in the batch keeps that session', () => {
    const logins = [login('web_5', 's5'), login('web_1', 'again'), login('web_1', 'other user', 8n)];
    expect(kicksOf(logins, [OK, OK, OK], [{ ord: 0, resource: 'web_1' }])).toMatchObject([{ survivor: 'again' }]);
  });

  it('is not spared by a later login that was refused', () => {
    const logins = [login('web_5', 's5'), login('web_1', 'refused')];
    expect(kicksOf(logins, [OK, REVOKED], [{ ord: 0, resource: 'web_1' }])).toMatchObject([{ survivor: 's5' }]);
  });
});
