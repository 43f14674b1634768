// Lists every user of an app by cursor: the time of a page must not grow with its place, nor the memory of the services with
// the number of users. The users are made by SQL.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { difference, residentKiB } from '../measure/processes.mjs';

const WARM_PASSES = 5;

export async function userListing(platform, { users = 100_000, limit = 100 } = {}) {
  await insertUsers(platform, users);
  const token = await platform.appToken();
  const page = (cursor) => platform.rest('GET', `/users?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, undefined, token);
  // V8 lets its heap grow for the first few hundred thousand rows; a leak would go on after that.
  for (let i = 0; i < WARM_PASSES; i++) await listAll(page);
  const before = residentKiB(platform.pid, platform.partOf);
  const { times, listed } = await listAll(page);
  const grown = difference(residentKiB(platform.pid, platform.partOf), before);
  const tenth = Math.floor(times.length / 10);
  return {
    listed,
    pages: times.length,
    firstTenthMs: median(times.slice(0, tenth)),
    lastTenthMs: median(times.slice(-tenth)),
    slowestMs: Math.max(...times),
    usersPerSecond: listed / (times.reduce((sum, one) => sum + one, 0) / 1_000),
    grownMiB: Object.fromEntries(Object.entries(grown.parts).map(([part, kib]) => [part, kib / 1_024])),
  };
}

/** Time of each page in ms. */
async function listAll(page) {
  const times = [];
  let listed = 0;
  let cursor;
  do {
    const from = performance.now();
    const answer = await page(cursor);
    times.push(performance.now() - from);
    listed += answer.count;
    cursor = answer.cursor;
  } while (cursor);
  return { times, listed };
}

async function insertUsers(platform, users) {
  const token = await platform.appToken();
  const { application } = await platform.rest('GET', '/users?limit=1', undefined, token);
  const db = new pg.Client({ connectionString: databaseUrl(platform.home), options: '-c search_path=users' });
  await db.connect();
  try {
    const { rows } = await db.query('SELECT app_id FROM auth.app WHERE uuid = $1', [application]);
    await db.query("INSERT INTO app_user (app_id, username) SELECT $1, 'listed' || n FROM generate_series(1, $2) AS n", [rows[0].app_id, users]);
    await db.query('VACUUM ANALYZE app_user');
  } finally {
    await db.end();
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function databaseUrl(home) {
  const { postgresPort } = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8'));
  const password = readFileSync(join(home, 'postgres.password'), 'utf8').trim();
  return `postgres://postgres:${password}@127.0.0.1:${postgresPort}/parley`;
}
