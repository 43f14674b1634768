// The conformance score: how many rows of the acceptance table the scenarios with the official SDK have proven.
//   node tools/conformance.mjs [results file] [--update]
// Without --update the score in README.md must be the same; with it, it is written there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const README = join(root, 'README.md');
const MARKED = /(<!-- conformance -->)([\s\S]*?)(<!-- \/?conformance -->)/;

/** Rows of the table, and those among them that the results name. */
export async function score(resultsFile) {
  const { rows } = await import('../test/conformance/table.ts');
  const all = rows();
  const proven = new Set(existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8').split('\n') : []);
  return { total: all.length, passed: all.filter((row) => proven.has(row)).length };
}

export function scoreLine({ total, passed }) {
  return `conformance: ${passed} of ${total} (${((100 * passed) / total).toFixed(1)} %)`;
}

/** @returns what is wrong with the README, or undefined */
export function compareReadme(line, { update = false } = {}) {
  const text = existsSync(README) ? readFileSync(README, 'utf8') : '';
  const marked = MARKED.exec(text);
  if (!marked) return update ? undefined : 'README.md has no <!-- conformance --> markers';
  if (marked[2].trim() === line) return undefined;
  if (!update) return `README.md says "${marked[2].trim()}", the tests say "${line}": run node tools/conformance.mjs --update`;
  writeFileSync(README, text.replace(MARKED, `$1\n${line}\n$3`));
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { update: { type: 'boolean' } }, allowPositionals: true });
  const line = scoreLine(await score(positionals[0] ?? join(root, 'test-results/conformance.txt')));
  console.log(line);
  const problem = compareReadme(line, values);
  if (problem) console.error(problem);
  process.exitCode = problem ? 1 : 0;
}
