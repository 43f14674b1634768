// The order of spec files: the slow ones first, so that no worker is left alone with one at the end. Jest itself knows how
// long a file takes only where it ran before, and goes by size otherwise; these are slow for their size.
// A name that is missing or too many here costs seconds, not tests.
import { statSync } from 'node:fs';

const SLOW = [
  ...['forced-end', 'presence', 'sdk-files', 'devices', 'self-destructing', 'recall', 'fuzz', 'messages', 'tokens', 'edit'].map((name) => `test/acceptance/${name}`),
  ...['forgotten-connections', 'issuers', 'strangers'].map((name) => `test/faults/${name}`),
  ...['auth/src/keys/keys', 'auth/src/apps/app-administration', 'auth/src/registrations/registrations', 'cli/src/up/up'].map((name) => `apps/${name}.medium`),
];
const place = (path) => SLOW.findIndex((name) => path.endsWith(`/${name}.spec.ts`));

/** As Jest wants it (its option testSequencer). */
export default class SlowestFirst {
  sort(tests) {
    const ranked = tests.map((test) => ({ test, place: place(test.path), bytes: statSync(test.path).size }));
    const known = ranked.filter((one) => one.place >= 0).sort((a, b) => a.place - b.place);
    const others = ranked.filter((one) => one.place < 0).sort((a, b) => b.bytes - a.bytes);
    return [...known, ...others].map(({ test }) => test);
  }

  /** Nothing is remembered: a fresh clone has the same order. */
  cacheResults() {}
}
