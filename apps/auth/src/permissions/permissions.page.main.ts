import { writeFileSync } from 'node:fs';
import { permissionsPage } from './permissions.page.js';

writeFileSync(new URL('../../../../docs/permissions.md', import.meta.url), permissionsPage());
