import { appPath, type Command } from '../command.js';

const USER = ['ORG#APP', 'USER'];
const KINDS = ['chat', 'groupchat', 'chatroom'] as const;

function userPath(app: string, user: string): string {
  return `${appPath(app)}/users/${encodeURIComponent(user)}`;
}

function activation(words: string, about: string, activated: boolean): Command {
  return { words, args: USER, about, run: ({ client, args: [app, user] }) => client.call('PUT', `${userPath(app!, user!)}/activation`, { activated }) };
}

/** Reading and moderating what is in an app. */
export const userCommands: readonly Command[] = [
  { words: 'user list', args: ['ORG#APP'], about: 'users of an app', run: ({ client, args: [app] }) => client.all(`${appPath(app!)}/users`) },
  { words: 'user show', args: USER, about: 'a user with his devices and mutes', run: ({ client, args: [app, user] }) => client.call('GET', userPath(app!, user!)) },
  {
    words: 'user messages',
    args: [...USER, 'PEER'],
    about: 'his conversation with another user, as he sees it, newest first',
    run: ({ client, args: [app, user, peer] }) => client.call('GET', `${userPath(app!, user!)}/messages?limit=50&peer=${encodeURIComponent(peer!)}`),
  },
  activation('user deactivate', 'bar a user: he is signed out and cannot sign in', false),
  activation('user activate', 'let a user in again', true),
  {
    words: 'user mute',
    args: USER,
    options: { chat: 'SECONDS', groupchat: 'SECONDS', chatroom: 'SECONDS' },
    about: 'mute a user in the whole app, by kind: 0 unmutes, "forever" has no end',
    run: ({ client, args: [app, user], options }) => {
      const given = KINDS.filter((kind) => options[kind] !== undefined);
      return client.call('PUT', `${userPath(app!, user!)}/mutes`, Object.fromEntries(given.map((kind) => [kind, options[kind] === 'forever' ? -1 : Number(options[kind])])));
    },
  },
  { words: 'user disconnect', args: USER, about: 'end all his sessions and tokens', run: ({ client, args: [app, user] }) => client.call('DELETE', `${userPath(app!, user!)}/sessions`) },
  { words: 'user delete', args: USER, about: 'delete a user', run: ({ client, args: [app, user] }) => client.call('DELETE', userPath(app!, user!)) },
  { words: 'message show', args: ['ORG#APP', 'MESSAGE_ID'], about: 'a message by its id', run: ({ client, args: [app, id] }) => client.call('GET', `${appPath(app!)}/messages/${encodeURIComponent(id!)}`) },
  {
    words: 'message recall',
    args: ['ORG#APP', 'MESSAGE_ID'],
    options: { reason: 'TEXT' },
    about: 'take a message from all devices of both sides; the reason goes into the audit log',
    run: ({ client, args: [app, id], options }) => {
      const reason = options['reason'] === undefined ? '' : `?reason=${encodeURIComponent(String(options['reason']))}`;
      return client.call('DELETE', `${appPath(app!)}/messages/${encodeURIComponent(id!)}${reason}`);
    },
  },
];
