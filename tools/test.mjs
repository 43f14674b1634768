// npm test: everything, in the order in which failures are cheapest to understand.
//   node tools/test.mjs [--only small|medium|acceptance|faults|demo]
//   node tools/test.mjs [--processes] FILE...    these spec files alone, with a platform where they need one
// The last line is "N passed, N failed"; steps that are not Jest runs count as one test each.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify, stripVTControlCharacters } from 'node:util';
import { compareReadme, score, scoreLine } from './conformance.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'test-results');
const conformanceResults = join(results, 'conformance.txt');
const startedAt = performance.now();
const { values: { only, processes }, positionals: chosen } = parseArgs({
  options: { only: { type: 'string' }, processes: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const PARTS = ['small', 'medium', 'acceptance', 'faults', 'demo'];
if (only !== undefined && !PARTS.includes(only)) {
  console.error(`--only: one of ${PARTS.join(', ')}`);
  process.exit(2);
}
const wanted = (part) => only === undefined || only === part;

let passed = 0;
let failed = 0;
const summary = [];
/** Names of failed tests, for the end of the output, which is what a log cut short still shows. */
const failures = [];
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function count(name, good, bad, since, remark = '') {
  passed += good;
  failed += bad;
  summary.push(`${bad > 0 ? 'FAILED' : 'ok    '}  ${name}: ${good} passed, ${bad} failed${remark} (${seconds(since)})`);
  console.log(summary.at(-1));
}

/** A step that is one test; its output is shown when it fails. */
async function step(name, command, args) {
  const since = performance.now();
  console.log(`\n== ${name}`);
  try {
    await promisify(execFile)(command, args, { cwd: root, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' });
    count(name, 1, 0, since);
    return true;
  } catch (error) {
    console.error(`${error.stdout ?? ''}${error.stderr ?? ''}${error.stdout === undefined ? error.message : ''}`);
    count(name, 0, 1, since);
    return false;
  }
}

/** For specs that wait a third of their time for servers and devices: on two cores one more than those. */
const WAITING = 3;

/** A Jest run over these files; none at all is a failure. */
async function jest(name, files, { env = {}, workers = 2, timeoutMs } = {}) {
  const since = performance.now();
  console.log(`\n== ${name}`);
  if (files.length === 0) return count(name, 0, 1, since, ', no test found');
  const output = join(results, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
  rmSync(output, { force: true });
  const args = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${output}`, `--testSequencer=${join(root, 'tools/slowest-first.mjs')}`];
  args.push(workers === 1 ? '--runInBand' : `--maxWorkers=${workers}`, ...(timeoutMs ? [`--testTimeout=${timeoutMs}`] : []), '--runTestsByPath', ...files);
  // Jest prints the JSON to stdout as well; its report goes to stderr.
  const code = await new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } });
    child.once('exit', (exit) => resolve(exit ?? 128));
  });
  if (!existsSync(output)) return count(name, 0, 1, since, ', Jest did not finish');
  const report = JSON.parse(readFileSync(output, 'utf8'));
  for (const { name: file, status, message, assertionResults } of report.testResults) {
    const inFile = assertionResults.filter((one) => one.status === 'failed').map((one) => [one.fullName, one.failureMessages[0]]);
    const reasons = inFile.length === 0 && status === 'failed' ? [['(the file)', message]] : inFile;
    for (const [test, reason] of reasons) failures.push(`${name}: ${relative(root, file)}: ${test}\n${stripVTControlCharacters(reason ?? '').slice(0, 1_500)}\n`);
  }
  // A file that could not even be loaded has no test that could fail.
  let bad = report.numFailedTests + report.numRuntimeErrorTestSuites;
  if (bad === 0 && code !== 0) bad = 1;
  if (report.numPassedTests + bad === 0) return count(name, 0, 1, since, ', no test ran');
  count(name, report.numPassedTests, bad, since, report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '');
}

const IGNORED = new Set(['node_modules', 'dist', 'generated', 'coverage']);
function specs(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : specs(name);
    return entry.name.endsWith('.spec.ts') ? [relative(root, join(root, name))] : [];
  });
}
const TORTURE = 'test/torture/torture.spec.ts';
/** They break what runs, and judge how fast it comes back or what it wrote meanwhile: each has the machine to itself. */
const ALONE = new Set([TORTURE, ...['durability', 'drain', 'tokens'].map((name) => `test/faults/${name}.spec.ts`)]);
const beside = [...specs('apps'), ...specs('libs'), ...specs('test/conformance'), ...specs('test/docs'), ...specs('test/torture').filter((file) => file !== TORTURE)];
const isMedium = (file) => file.endsWith('.medium.spec.ts');

/** Runs `test` with a platform of its own, started through the supervisor as `npm start` does. */
async function withPlatform(name, options, test) {
  const since = performance.now();
  console.log(`\n== ${name}: starting`);
  const { startPlatform } = await import(join(root, 'libs/testkit/dist/index.js'));
  let platform;
  try {
    platform = await startPlatform(options);
  } catch (error) {
    console.error(error.message);
    return count(`${name}: start`, 0, 1, since);
  }
  count(`${name}: start`, 1, 0, since);
  const failedBefore = failed;
  try {
    await test({ PARLEY_TEST_ENDPOINTS: join(platform.home, 'endpoints.json'), PARLEY_CONFORMANCE_RESULTS: conformanceResults });
  } finally {
    if (failed > failedBefore) console.error(platform.logTail(25));
    const stopping = performance.now();
    const problem = await platform.stop().then(() => undefined, (error) => error);
    if (problem) console.error(problem.message);
    count(`${name}: orderly stop`, problem ? 0 : 1, problem ? 1 : 0, stopping);
  }
}

/** Specs that start platforms of their own. Most of them wait most of the time. */
async function onOwnPlatforms(files) {
  const [alone, together] = [true, false].map((is) => files.filter((file) => ALONE.has(file) === is));
  if (together.length > 0) await jest('own platforms', together, { workers: WAITING, timeoutMs: 240_000 });
  if (alone.length > 0) await jest('faults', alone, { workers: 1, timeoutMs: 240_000 });
}

/** The files that somebody works on at the moment, each as it needs. */
async function someFiles(files) {
  const alone = (file) => !/^test\/(acceptance|demo|faults|observability)\//.test(file) && file !== TORTURE;
  const small = files.filter((file) => alone(file) && !isMedium(file));
  const medium = files.filter((file) => alone(file) && isMedium(file));
  const onPlatform = files.filter((file) => /^test\/(acceptance|demo)\//.test(file));
  const ownPlatform = files.filter((file) => /^test\/(faults|observability)\//.test(file) || file === TORTURE);
  if (small.length > 0) await jest('small', small);
  if (medium.length > 0) await jest('medium', medium, { workers: WAITING, timeoutMs: 60_000 });
  if (onPlatform.length > 0) {
    const options = processes ? { mode: 'processes', gateways: 2 } : { mode: 'standalone' };
    await withPlatform('platform', options, (env) => jest('with a platform', onPlatform, { env, workers: WAITING, timeoutMs: 60_000 }));
  }
  if (ownPlatform.length > 0) await onOwnPlatforms(ownPlatform);
}

async function main() {
  mkdirSync(results, { recursive: true });
  if (!(await step('build', process.execPath, ['tools/build.mjs']))) return;
  if (chosen.length > 0) return someFiles(chosen.map((file) => relative(root, resolve(file))));
  if (only === undefined || only === 'small') {
    await step('typecheck', process.execPath, ['node_modules/typescript7/bin/tsc', '--noEmit', '-p', 'tsconfig.json']);
    if (existsSync(join(root, 'eslint.config.mjs'))) await step('lint', process.execPath, ['node_modules/eslint/bin/eslint.js', '.']);
  }
  if (wanted('small')) await jest('small', beside.filter((file) => !isMedium(file)));
  if (wanted('medium')) await jest('medium', beside.filter(isMedium), { workers: WAITING, timeoutMs: 60_000 });

  if (wanted('acceptance') || wanted('demo')) {
    rmSync(conformanceResults, { force: true });
    await withPlatform('one process', { mode: 'standalone' }, async (env) => {
      if (wanted('acceptance')) await jest('acceptance, one process', specs('test/acceptance'), { env, workers: WAITING, timeoutMs: 60_000 });
      if (wanted('demo')) await jest('demo', specs('test/demo'), { env, workers: 1, timeoutMs: 120_000 });
    });
  }
  if (wanted('acceptance')) {
    await withPlatform('one process per service', { mode: 'processes', gateways: 2 }, async (env) => {
      await jest('acceptance, one process per service', specs('test/acceptance'), { env, workers: WAITING, timeoutMs: 60_000 });
    });
  }
  if (wanted('faults')) await onOwnPlatforms([...specs('test/observability'), ...specs('test/faults'), TORTURE]);
  if (wanted('acceptance')) {
    const since = performance.now();
    const line = scoreLine(await score(conformanceResults));
    const problem = compareReadme(line);
    if (problem) console.error(problem);
    console.log(line);
    count('conformance score in README.md', problem ? 0 : 1, problem ? 1 : 0, since);
  }
}

await main().catch((error) => {
  console.error(error);
  count('test run', 0, 1, startedAt);
});
if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n')}`);
console.log(`\n${summary.join('\n')}\ntotal ${seconds(startedAt)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
