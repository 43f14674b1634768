import type { Permission } from '@parley/kernel';

/**
 * Where a role reaches: `platform` everywhere; `organisation` everything of one organisation; `named` the apps that are
 * named; `either` all apps of the organisation or those that are named.
 */
export type Reach = 'platform' | 'organisation' | 'named' | 'either';

export interface RoleSpec {
  readonly doc: string;
  readonly reach: Reach;
  readonly permissions: readonly Permission[];
  /** Roles that somebody of this role may give, change and take away. */
  readonly gives: readonly Role[];
}

export type Role = 'operator' | 'owner' | 'admin' | 'app_admin' | 'support' | 'read_only';

const READ: readonly Permission[] = ['org.read', 'app.read'];
const APP: readonly Permission[] = [...READ, 'app.audit', 'app.settings', 'app.secrets', 'app.content', 'app.moderate'];
const ADMIN: readonly Permission[] = [...APP, 'admin.read', 'admin.manage', 'audit.read', 'app.create'];
const OWNER: readonly Permission[] = [...ADMIN, 'org.update', 'owner.manage'];

/** The permission table: what each role may do. docs/permissions.md is printed from it. */
export const roles: Readonly<Record<Role, RoleSpec>> = {
  operator: {
    doc: 'Runs the platform, above all organisations',
    reach: 'platform',
    permissions: [...OWNER, 'org.create', 'app.raise', 'app.suspend', 'app.purge'],
    gives: ['operator', 'owner', 'admin', 'app_admin', 'support', 'read_only'],
  },
  owner: {
    doc: 'Answers for the organisation; there is always one',
    reach: 'organisation',
    permissions: OWNER,
    gives: ['owner', 'admin', 'app_admin', 'support', 'read_only'],
  },
  admin: {
    doc: 'Runs the organisation: apps and administrators, but not its owners',
    reach: 'organisation',
    permissions: ADMIN,
    gives: ['admin', 'app_admin', 'support', 'read_only'],
  },
  app_admin: { doc: 'Runs the apps that are named', reach: 'named', permissions: APP, gives: [] },
  support: {
    doc: 'Reads and moderates; sees no secrets and changes no settings',
    reach: 'either',
    permissions: [...READ, 'app.content', 'app.moderate'],
    gives: [],
  },
  read_only: {
    doc: 'Reads, changes nothing',
    reach: 'either',
    permissions: [...READ, 'admin.read', 'audit.read', 'app.audit', 'app.content'],
    gives: [],
  },
};

export const roleNames = Object.keys(roles) as readonly Role[];

export function isRole(name: string): name is Role {
  return Object.hasOwn(roles, name);
}

/** Whether the role has the permission. Where it reaches is another question. */
export function hasPermission(role: Role, permission: Permission): boolean {
  return roles[role].permissions.includes(permission);
}

/** Whether somebody of a role may give, change and take away another. */
export function mayGive(role: Role, other: Role): boolean {
  return roles[role].gives.includes(other);
}
