import { writeFileSync } from 'node:fs';
import { appSettingsPage } from './settings.page.js';

writeFileSync(new URL('../../../docs/app-settings.md', import.meta.url), appSettingsPage());
