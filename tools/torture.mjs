// npm run torture -- [--rounds 100] [--standalone 40] [--seed N]: the long form of test/torture; writes docs/reliability.md.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { rounds, standalone, seed } = parseArgs({ options: { rounds: { type: 'string', default: '100' }, standalone: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } } }).values;
const run = (args, env = {}) =>
  new Promise((resolve) => spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).once('exit', (code) => resolve(code ?? 128)));

let code = await run(['tools/build.mjs']);
if (code === 0) {
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--runInBand', '--runTestsByPath', 'test/torture/torture.spec.ts'];
  code = await run(jest, {
    PARLEY_TORTURE_ROUNDS: rounds,
    PARLEY_TORTURE_STANDALONE_ROUNDS: standalone,
    PARLEY_TORTURE_SEED: seed,
    PARLEY_TORTURE_REPORT: join(root, 'docs/reliability.md'),
  });
}
process.exit(code);
