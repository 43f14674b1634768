import { describe, expect, it } from '@jest/globals';
import { type Permission, permissions } from '@parley/kernel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsPage } from './permissions.page.js';
import { hasPermission, mayGive, roleNames, roles } from './roles.js';

const all = Object.keys(permissions) as Permission[];
const ofPlatform: Permission[] = ['org.create', 'app.raise', 'app.suspend', 'app.purge'];

describe('the permission table', () => {
  it('gives the operator everything, and nobody else what is the platform\'s', () => {
    expect(all.filter((one) => !hasPermission('operator', one))).toEqual([]);
    for (const role of roleNames.filter((one) => one !== 'operator')) {
      expect(ofPlatform.filter((one) => hasPermission(role, one))).toEqual([]);
    }
  });

  it('gives an owner everything else, and an admin all of that but the owners', () => {
    const missing = (role: 'owner' | 'admin') => all.filter((one) => !ofPlatform.includes(one) && !hasPermission(role, one));
    expect(missing('owner')).toEqual([]);
    expect(missing('admin')).toEqual(['org.update', 'owner.manage']);
  });

  it('keeps secrets and settings from support, and every change from read-only', () => {
    expect(roles.support.permissions).toEqual(['org.read', 'app.read', 'app.content', 'app.moderate']);
    const changing = /(create|update|manage|settings|secrets|moderate|raise|suspend|purge)$/;
    expect(roles.read_only.permissions.filter((one) => changing.test(one))).toEqual([]);
  });

  it('lets nobody give a role that may do what he himself may not', () => {
    for (const role of roleNames) {
      for (const given of roles[role].gives) {
        expect({ role, given, more: roles[given].permissions.filter((one) => !hasPermission(role, one)) }).toEqual({ role, given, more: [] });
      }
    }
    expect(mayGive('admin', 'owner')).toBe(false);
  });

  it('is what docs/permissions.md says', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../../docs/permissions.md'), 'utf8')).toBe(permissionsPage());
  });
});
