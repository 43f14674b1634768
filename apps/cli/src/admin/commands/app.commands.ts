import { appPath, type Command, orgPath } from '../command.js';

const APP = ['ORG#APP'];

/** A call that posts nothing to a place below the app. */
function act(words: string, about: string): Command {
  const verb = words.split(' ')[1]!;
  return { words, args: APP, about, run: ({ client, args: [app] }) => client.call('POST', `${appPath(app!)}/${verb}`) };
}

export const appCommands: readonly Command[] = [
  {
    words: 'app create',
    args: APP,
    options: { description: 'TEXT' },
    about: 'create an app; prints its client id and secret',
    run: ({ client, args: [appKey], options }) => {
      appPath(appKey!);
      const [org, app_name] = appKey!.split('#');
      return client.call('POST', `${orgPath(org!)}/apps`, { app_name, description: options['description'] ?? '' });
    },
  },
  { words: 'app list', args: ['ORG'], about: 'apps of an organisation', run: ({ client, args: [org] }) => client.all(`${orgPath(org!)}/apps`) },
  { words: 'app show', args: APP, about: 'an app', run: ({ client, args: [app] }) => client.call('GET', appPath(app!)) },
  {
    words: 'app settings',
    args: [...APP, 'NAME=VALUE...'],
    options: { ceilings: '' },
    about: 'settings in force; with NAME=VALUE (or NAME=default) change them; --ceilings: how high limits may be',
    run: ({ client, args: [app, ...changes], options }) => {
      const path = `${appPath(app!)}/${options['ceilings'] === true ? 'ceilings' : 'settings'}`;
      if (changes.length === 0) return client.call('GET', `${appPath(app!)}/settings`);
      return client.call('PUT', path, Object.fromEntries(changes.map(changeOf)));
    },
  },
  { words: 'app secrets', args: APP, about: 'its valid client secrets: when made and last used', run: ({ client, args: [app] }) => client.all(`${appPath(app!)}/secrets`) },
  {
    words: 'app rotate-secret',
    args: APP,
    options: { 'expire-old-after': 'SECONDS' },
    about: 'make a second client secret; the old one works until it is revoked, or for that long',
    run: ({ client, args: [app], options }) => {
      const seconds = options['expire-old-after'];
      return client.call('POST', `${appPath(app!)}/secrets`, seconds === undefined ? {} : { expire_old_after_seconds: Number(seconds) });
    },
  },
  {
    words: 'app revoke-secret',
    args: [...APP, 'SECRET_ID'],
    about: 'end a client secret',
    run: ({ client, args: [app, id] }) => client.call('DELETE', `${appPath(app!)}/secrets/${encodeURIComponent(id!)}`),
  },
  {
    words: 'app certificates',
    args: APP,
    about: 'its valid certificates for AccessToken2, and the app id that goes with them',
    run: ({ client, args: [app] }) => client.call('GET', `${appPath(app!)}/certificates`),
  },
  {
    words: 'app create-certificate',
    args: APP,
    options: { 'expire-old-after': 'SECONDS' },
    about: 'make a certificate for AccessToken2, at most a second one; the old one works until it is revoked, or for that long',
    run: ({ client, args: [app], options }) => {
      const seconds = options['expire-old-after'];
      return client.call('POST', `${appPath(app!)}/certificates`, seconds === undefined ? {} : { expire_old_after_seconds: Number(seconds) });
    },
  },
  {
    words: 'app revoke-certificate',
    args: [...APP, 'CERTIFICATE_ID'],
    about: 'end a certificate, and all app tokens of the app',
    run: ({ client, args: [app, id] }) => client.call('DELETE', `${appPath(app!)}/certificates/${encodeURIComponent(id!)}`),
  },
  act('app suspend', 'refuse everything of an app'),
  act('app resume', 'end a suspension'),
  {
    words: 'app purge',
    args: APP,
    options: { grace: 'SECONDS' },
    about: 'suspend an app and delete it with all that it has, after a time of grace (a week)',
    run: ({ client, args: [app], options }) => client.call('POST', `${appPath(app!)}/purge`, options['grace'] === undefined ? {} : { grace_seconds: Number(options['grace']) }),
  },
  act('app restore', 'take a purge back in time'),
];

/** @throws Error, told to the user */
function changeOf(text: string): [string, boolean | number | null] {
  const [name, value, ...rest] = text.split('=');
  if (!name || value === undefined || rest.length > 0) throw new Error(`a change is NAME=VALUE, not ${text}`);
  if (value === 'default') return [name, null];
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  if (!/^-?\d+$/.test(value)) throw new Error(`${name}: true, false, a whole number or default, not ${value}`);
  return [name, Number(value)];
}
