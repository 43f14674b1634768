import { type Command, type Given, orgPath } from '../command.js';

const REGISTRATIONS = '/admin/v1/registrations';

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
        ...displayNameOf(options),
      }),
  },
  {
    words: 'org register',
    args: ['NAME'],
    options: { owner: 'E-MAIL', 'owner-name': 'TEXT', 'display-name': 'TEXT' },
    about: "register one's own organisation, where the platform lets anybody; the owner's password is read from standard input",
    anonymous: true,
    run: async ({ client, args: [name], options, firstLine }) =>
      client.call('POST', REGISTRATIONS, {
        ...{ name, owner_login: options['owner'] ?? '', owner_name: options['owner-name'] ?? '', password: await firstLine() },
        ...displayNameOf(options),
      }),
  },
  { words: 'org registrations', args: [], about: 'organisations that wait for approval', run: ({ client }) => client.all(REGISTRATIONS) },
  {
    words: 'org approve',
    args: ['NAME'],
    about: 'make an organisation that waits',
    run: ({ client, args: [name] }) => client.call('POST', `${REGISTRATIONS}/${encodeURIComponent(name!)}/approve`),
  },
  {
    words: 'org refuse',
    args: ['NAME'],
    about: 'refuse one that waits; the name is free again',
    run: ({ client, args: [name] }) => client.call('DELETE', `${REGISTRATIONS}/${encodeURIComponent(name!)}`),
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

function displayNameOf(options: Given['options']): { display_name?: unknown } {
  return options['display-name'] === undefined ? {} : { display_name: options['display-name'] };
}
