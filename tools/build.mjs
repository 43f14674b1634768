// Generates code and compiles all projects, each only if its sources changed since the last time: a second start must
// take seconds. The sources are compared by content, so a fresh checkout of the same commit with kept output is fast too.
//   tools/with-toolchain node tools/build.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, 'node_modules/.cache/parley-build');
const NOT_SOURCES = new Set(['node_modules', 'dist', 'generated', 'coverage']);

function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !NOT_SOURCES.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]))
    .sort();
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const projects = ['apps', 'libs'].flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name)));
const settings = readdirSync(root)
  .filter((name) => /^(buf.*\.yaml|nx\.json|\.swcrc|pnpm-lock\.yaml)$/.test(name))
  .map((name) => join(root, name));
const schemas = [...filesBelow(join(root, 'proto')), ...projects.map((folder) => join(folder, 'prisma/schema.prisma')).filter(existsSync)];

/** Runs a step unless the same input was done before and its output is there. */
function step(name, message, input, isThere, run) {
  const stamp = join(stamps, name);
  if (isThere() && existsSync(stamp) && readFileSync(stamp, 'utf8') === input) return;
  console.log(message);
  run();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, input);
}

/** What the tools print is long, and of interest only when they fail. */
function run(command, args, failure) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}\nparley: ${failure}\n`);
    process.exit(1);
  }
}

const hasOutput = (folder, output) => existsSync(join(folder, output));
const generating = projects.filter((folder) => existsSync(join(folder, 'prisma/schema.prisma')));
const isGenerated = () => hasOutput(join(root, 'libs/contracts'), 'src/generated') && generating.every((folder) => hasOutput(folder, 'src/generated'));
const schemaDigest = digest([...settings, join(root, 'tools/generate.mjs'), ...schemas]);
step('generated', 'parley: generating code from proto/ and the database schemas', schemaDigest, isGenerated, () =>
  run(process.execPath, [join(root, 'tools/generate.mjs')], 'the code could not be generated'),
);

const sources = projects.flatMap((folder) => [join(folder, 'package.json'), ...(existsSync(join(folder, 'src')) ? filesBelow(join(folder, 'src')) : [])]);
const isBuilt = () => projects.every((folder) => hasOutput(folder, 'dist'));
const sourceDigest = digest([...settings, ...sources]) + schemaDigest;
step('built', 'parley: compiling (a few seconds)', sourceDigest, isBuilt, () =>
  run('nx', ['run-many', '-t', 'build', '--output-style=static'], 'the build failed'),
);
