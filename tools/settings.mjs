// Writes docs/settings.md from the services' configuration sections. Needs a build.
//   tools/with-toolchain node tools/settings.mjs
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where sections are declared, below a project's sources, without extension. */
export const DECLARED_IN = ['config', 'sections', 'up/up.config', 'admin/admin.config'];

/** Variables that tools and libraries read by themselves. */
const OTHERS = [
  ['LOG_LEVEL', 'info', 'Least level that is logged: trace, debug, info, warn, error, fatal.'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'none', 'Where traces and metrics go; without it there are none. The other OTEL_* variables apply too.'],
  ['NATS_SERVER_BIN', 'none', 'The nats-server binary for the embedded broker; without it it is looked for and fetched.'],
];

const TITLES = {
  up: '`npm start`',
  admin: 'Commands of administration',
  infrastructure: 'Services with a store or a bus',
  addresses: 'Services that call others over gRPC',
  tls: 'The edges: HTTPS and WSS',
};

/** Sections among the exports of modules, each once, those of all services first. */
export function sectionsOf(modules) {
  const found = new Map();
  for (const value of modules.flatMap((module) => Object.values(module))) {
    if (value && typeof value === 'object' && 'name' in value && 'settings' in value) found.set(value.name, value);
  }
  const rank = (name) => (Object.keys(TITLES).indexOf(name) + 1 || 99);
  return [...found.values()].sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
}

/** The page. `describe` is describeSettings of @parley/config. */
export function settingsPage(sections, describe) {
  const table = (rows) => ['| variable | default | meaning |', '| --- | --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
  const parts = sections.map((section) => {
    const rows = describe([section]).map(({ env, default: value, doc }) => [`\`${env}\``, value, doc.replaceAll('|', '\\|')]);
    return `## ${TITLES[section.name] ?? `The ${section.name} service`}\n\n${table(rows)}`;
  });
  return `# Settings

Every setting is an environment variable; an empty one counts as absent. A service checks all of its settings when it starts
and names every mistake at once. With \`npm start\`, the supervisor gives the services their addresses; all other variables
reach them as you set them.

This page is printed from the code by \`tools/with-toolchain node tools/settings.mjs\`.

${parts.join('\n\n')}

## Read by libraries

${table(OTHERS.map(([env, value, doc]) => [`\`${env}\``, value, doc]))}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = ['apps', 'libs'].flatMap((kind) =>
    readdirSync(join(root, kind)).flatMap((project) => DECLARED_IN.map((name) => join(root, kind, project, 'dist', `${name}.js`))),
  );
  const modules = await Promise.all(files.filter(existsSync).map((file) => import(pathToFileURL(file).href)));
  const { describeSettings } = await import(pathToFileURL(join(root, 'libs/config/dist/config.js')).href);
  writeFileSync(join(root, 'docs/settings.md'), settingsPage(sectionsOf(modules), describeSettings));
}
