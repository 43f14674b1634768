import { describe, expect, it } from '@jest/globals';
import { fromBinary, RosterBodySchema } from '../schema.js';
import { encodeRosterBody, RosterOperation } from './roster.codec.js';

const jid = (name: string) => ({ appKey: 'org#app', name, domain: 'easemob.com', clientResource: '' });

describe('the body of contact news', () => {
  it.each([
    ['with words', 'hello, it is me: ä€😀'],
    ['without', ''],
  ])('is what the schema says, %s', (_, reason) => {
    const bytes = encodeRosterBody({ operation: RosterOperation.REMOTE_ACCEPT, from: jid('alice'), to: jid('bob'), reason });
    const body = fromBinary(RosterBodySchema, bytes);
    expect(body).toMatchObject({ operation: 8, from: { appKey: 'org#app', name: 'alice', domain: 'easemob.com' }, to: [{ name: 'bob' }], reason });
  });
});
