/**
 * What an administrator may be allowed to do. An operation of the admin API names one of these; which role has which is
 * the auth service's table. Those that begin with "app." are asked of one app, the others of an organisation.
 */
export const permissions = {
  'org.create': 'Register an organisation, decide on those that register themselves, and see all of them',
  'org.read': 'See the organisation',
  'org.update': 'Change what the organisation is called',
  'admin.read': 'See administrators, invitations and API keys',
  'admin.manage': 'Invite, change and remove administrators and API keys',
  'owner.manage': 'Make and remove owners',
  'audit.read': 'Read the audit log of the organisation',
  'app.create': 'Create an app',
  'app.read': 'See the app and its settings',
  'app.audit': 'Read the audit log of the app',
  'app.settings': 'Change settings of the app, within what its organisation is given',
  'app.secrets': 'See when client secrets and certificates were made and used, make and revoke them',
  'app.content': 'Read users, groups and messages of the app',
  'app.moderate': 'Mute, deactivate and delete users, recall messages',
  'app.raise': 'Give an app more than its organisation may give it',
  'app.suspend': 'Suspend and resume the app',
  'app.purge': 'Purge the app, restore it within the time of grace',
} as const satisfies Record<string, string>;

export type Permission = keyof typeof permissions;

/** Whether the text names a permission. */
export function isPermission(name: string): name is Permission {
  return Object.hasOwn(permissions, name);
}
