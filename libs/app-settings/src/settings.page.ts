import { appSettingsCatalogue } from './settings.catalogue.js';
import type { Setting } from './setting.js';

/** The catalogue as the page docs/app-settings.md. */
export function appSettingsPage(): string {
  return `# Settings of an app

Each app has these settings, with the defaults of the table. The app's administrators change them; nothing depends on a plan.
A **limit** may be lowered by the app; its ceiling is the default, and the operator may set another for the app, up to the
last number. A change holds everywhere within seconds.

This page is printed from \`libs/app-settings/src/settings.catalogue.ts\` by
\`tools/with-toolchain node libs/app-settings/dist/settings.page.main.js\` (after a build).

| setting | kind | default | may be | meaning |
| --- | --- | --- | --- | --- |
${Object.entries(appSettingsCatalogue).map(([name, setting]) => row(name, setting)).join('\n')}
`;
}

function row(name: string, setting: Setting): string {
  const range = setting.kind === 'switch' ? 'true, false' : `${setting.min} to ${setting.max}`;
  return `| \`${name}\` | ${setting.kind} | ${setting.default} | ${range} | ${setting.doc.replaceAll('|', '\\|')} |`;
}
