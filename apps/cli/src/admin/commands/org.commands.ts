import { type Command, orgPath } from '../command.js';

export const orgCommands: readonly Command[] = [
  {
    words: 'org create',
    args: ['NAME'],
    options: { owner: 'LOGIN', 'display-name': 'TEXT' },
    about: 'register an organisation; prints the invitation of its owner',
    run: ({ client, args: [name], options }) =>
      client.call('POST', '/admin/v1/orgs', {
        name,
        owner_login: options['owner'] ?? '',
        ...(options['display-name'] === undefined ? {} : { display_name: options['display-name'] }),
      }),
  },
  { words: 'org list', args: [], about: 'organisations that you see', run: ({ client }) => client.all('/admin/v1/orgs') },
  { words: 'org show', args: ['ORG'], about: 'one of them', run: ({ client, args: [org] }) => client.call('GET', orgPath(org!)) },
  {
    words: 'audit',
    args: ['ORG'],
    options: { limit: 'N', act: 'ACT', actor: 'LOGIN', app: 'APP' },
    about: 'what administrators did, newest first; of the platform for the organisation "-"',
    run: ({ client, args: [org], options }) => {
      const filters = Object.entries({ act: options['act'], actor: options['actor'] }).filter((one): one is [string, string] => typeof one[1] === 'string');
      const of = typeof options['app'] === 'string' ? `${orgPath(org!)}/apps/${encodeURIComponent(options['app'])}` : orgPath(org!);
      return client.all(`${of}/audit?${new URLSearchParams(filters)}`, Number(options['limit'] ?? 50) || 50);
    },
  },
  { words: 'whoami', args: [], about: 'as whom the commands act', run: ({ client }) => client.call('GET', '/admin/v1/me') },
];
