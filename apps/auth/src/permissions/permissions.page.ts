import { type Permission, permissions } from '@parley/kernel';
import { roleNames, roles, type Reach } from './roles.js';

const REACH: Readonly<Record<Reach, string>> = {
  platform: 'everything',
  organisation: 'all of the organisation',
  named: 'the apps that are named',
  either: 'all apps of the organisation, or those that are named',
};

/** The permission table as the page docs/permissions.md. */
export function permissionsPage(): string {
  return `# Permissions

What each role of an administrator may do. Every operation of the admin API names the permission that it needs (in
\`/openapi.json\` as \`x-parley-permission\`); the auth service checks it for each call, from this table. What somebody may not
see is answered like what does not exist: 404.

This page is printed from \`apps/auth/src/permissions/roles.ts\` by
\`tools/with-toolchain node apps/auth/dist/permissions/permissions.page.main.js\` (after a build).

| role | who | reaches | may give |
| --- | --- | --- | --- |
${roleNames.map((role) => `| \`${role}\` | ${roles[role].doc} | ${REACH[roles[role].reach]} | ${given(role)} |`).join('\n')}

| permission | meaning | ${roleNames.map((role) => `\`${role}\``).join(' | ')} |
| --- | --- | ${roleNames.map(() => '---').join(' | ')} |
${Object.keys(permissions).map((name) => row(name as Permission)).join('\n')}
`;
}

function given(role: (typeof roleNames)[number]): string {
  const { gives } = roles[role];
  return gives.length === 0 ? '–' : gives.map((one) => `\`${one}\``).join(', ');
}

function row(permission: Permission): string {
  const marks = roleNames.map((role) => (roles[role].permissions.includes(permission) ? 'yes' : ''));
  return `| \`${permission}\` | ${permissions[permission]} | ${marks.join(' | ')} |`;
}
