import type { AdminClient } from '../admin.client.js';
import { type Command, GRANT_OPTIONS, grantOf, orgPath } from '../command.js';

const ONE = ['ORG', 'LOGIN'];

export const adminCommands: readonly Command[] = [
  { words: 'admin list', args: ['ORG'], about: 'administrators; operators for the organisation "-"', run: ({ client, args: [org] }) => client.all(`${orgPath(org!)}/admins`) },
  {
    words: 'admin invite',
    args: ONE,
    options: GRANT_OPTIONS,
    about: 'invite an administrator; prints the token with which he accepts',
    run: ({ client, args: [org, login], options }) => client.call('POST', `${orgPath(org!)}/invitations`, { login, ...grantOf(options) }),
  },
  { words: 'admin invitations', args: ['ORG'], about: 'invitations that can still be accepted', run: ({ client, args: [org] }) => client.all(`${orgPath(org!)}/invitations`) },
  {
    words: 'admin withdraw',
    args: ['ORG', 'INVITATION_ID'],
    about: 'withdraw an invitation',
    run: ({ client, args: [org, id] }) => client.call('DELETE', `${orgPath(org!)}/invitations/${encodeURIComponent(id!)}`),
  },
  {
    words: 'admin accept',
    args: ['TOKEN'],
    about: 'accept an invitation; the password is read from standard input',
    anonymous: true,
    run: async ({ client, args: [token], firstLine }) => client.call('POST', '/admin/v1/invitations/accept', { invitation_token: token, password: await firstLine() }),
  },
  {
    words: 'admin change',
    args: ONE,
    options: GRANT_OPTIONS,
    about: 'change what an administrator may do',
    run: async ({ client, args: [org, login], options }) => client.call('PUT', await adminPath(client, org!, login!), { grant: grantOf(options) }),
  },
  switching('admin disable', true, 'end what he has open, and let him in no more'),
  switching('admin enable', false, 'let him in again'),
  {
    words: 'admin remove',
    args: ONE,
    about: 'remove an administrator',
    run: async ({ client, args: [org, login] }) => client.call('DELETE', await adminPath(client, org!, login!)),
  },
  {
    words: 'admin password',
    args: [],
    about: 'change your own password; the old and the new one are read from standard input, a line each',
    run: async ({ client, firstLine, keepPassword }) => {
      const [old_password, new_password] = [await firstLine(), await firstLine()];
      const answer = await client.call('PUT', '/admin/v1/me/password', { old_password, new_password });
      keepPassword(new_password);
      return answer;
    },
  },
  {
    words: 'key create',
    args: ['ORG', 'LABEL'],
    options: GRANT_OPTIONS,
    about: 'make an API key; prints its client id and secret',
    run: ({ client, args: [org, label], options }) => client.call('POST', `${orgPath(org!)}/keys`, { label, ...grantOf(options) }),
  },
  { words: 'key list', args: ['ORG'], about: 'API keys', run: ({ client, args: [org] }) => client.all(`${orgPath(org!)}/keys`) },
  {
    words: 'key revoke',
    args: ['ORG', 'KEY_ID'],
    about: 'end an API key and its tokens',
    run: ({ client, args: [org, id] }) => client.call('DELETE', `${orgPath(org!)}/keys/${encodeURIComponent(id!)}`),
  },
];

function switching(words: string, disabled: boolean, about: string): Command {
  return { words, args: ONE, about, run: async ({ client, args: [org, login] }) => client.call('PUT', await adminPath(client, org!, login!), { disabled }) };
}

/** People know each other by login; the API knows them by id. @throws Error, told to the user */
async function adminPath(client: AdminClient, org: string, login: string): Promise<string> {
  const found = (await client.all<{ admin_id: string; login: string }>(`${orgPath(org)}/admins`)).find((one) => one.login === login.toLowerCase());
  if (!found) throw new Error(`there is no administrator ${login} in ${org}`);
  return `${orgPath(org)}/admins/${found.admin_id}`;
}
