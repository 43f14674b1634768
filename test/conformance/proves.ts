import { appendFileSync } from 'node:fs';
import { rows } from './table.js';

const known = new Set(rows());

/**
 * Called at the end of a scenario with the unmodified agora-chat: these rows of the acceptance table hold.
 * @throws for a row that is not in the table
 */
export function proves(group: string, ...items: string[]): void {
  for (const item of items) {
    const row = `${group} / ${item}`;
    if (!known.has(row)) throw new Error(`not a row of the acceptance table: ${row}`);
    const file = process.env['PARLEY_CONFORMANCE_RESULTS'];
    if (file) appendFileSync(file, `${row}\n`);
  }
}
