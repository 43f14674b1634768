// Runs the benchmark and prints its figures: npm run bench [-- --processes] [--only w1,w1paced,w3,w4,w5,users,wire,files] [--repeat 3] [--json file]
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { Platform } from './platform.mjs';
import { accounts } from './workloads/accounts.mjs';
import { files } from './workloads/files.mjs';
import { idle } from './workloads/idle.mjs';
import { offline } from './workloads/offline.mjs';
import { paced, saturated } from './workloads/one-to-one.mjs';
import { userListing } from './workloads/user-listing.mjs';
import { wireSize } from './workloads/wire-size.mjs';

const { values } = parseArgs({
  options: {
    processes: { type: 'boolean', default: false },
    only: { type: 'string', default: 'w1,w1paced,w3,w4,w5,wire' },
    repeat: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const workloads = {
  w1: (platform, round) => saturated(platform, { seconds, prefix: `sat${round}-` }),
  w1paced: (platform, round) => paced(platform, { seconds, prefix: `pace${round}-` }),
  w3: (platform) => idle(platform),
  // The first drain of a fresh server runs code that is not compiled yet: both are told.
  w4: async (platform, round) => ({ first: await offline(platform, { prefix: `off${round}a-` }), second: await offline(platform, { prefix: `off${round}b-` }) }),
  w5: (platform, round) => accounts(platform, { prefix: `acc${round}` }),
  // Users listed by cursor, all of an app.
  users: (platform) => userListing(platform),
  wire: (platform) => wireSize(platform),
  // Not among the default ones: it needs nginx.
  files: (platform) => files(platform, { seconds }),
};

const round3 = (value) => JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v)));
const results = { machine: `${os.cpus().length} x ${os.cpus()[0].model}`, node: process.version, mode: values.processes ? 'processes' : 'standalone', runs: {} };
for (const name of values.only.split(',')) {
  const times = name === 'wire' ? 1 : Number(values.repeat);
  results.runs[name] = [];
  for (let round = 0; round < times; round++) {
    // A fresh server for each: no workload inherits another's memory or tables.
    const platform = await Platform.start({ processes: values.processes });
    try {
      const result = round3(await workloads[name](platform, round));
      results.runs[name].push(result);
      console.log(name, JSON.stringify(result));
    } finally {
      await platform.stop();
    }
  }
}
console.log('\nmedian [min, max] of', values.repeat);
for (const [name, runs] of Object.entries(results.runs)) {
  const flat = runs.map((run) => flatten(run));
  for (const key of Object.keys(flat[0])) {
    const sorted = flat.map((run) => run[key]).sort((a, b) => a - b);
    console.log(`${name}.${key}`.padEnd(40), sorted[Math.floor(sorted.length / 2)], `[${sorted[0]}, ${sorted.at(-1)}]`);
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

function flatten(value, prefix = '') {
  return Object.entries(value).reduce((all, [key, one]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return typeof one === 'object' && one !== null ? { ...all, ...flatten(one, path) } : { ...all, [path]: one };
  }, {});
}
