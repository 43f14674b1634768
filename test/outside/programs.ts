import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs that these tests need and the platform does not: kept beside other caches once they were fetched. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/outside/', import.meta.url));
export const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/** An S3-compatible server (Apache-2.0): VERSITYGW_BIN, the PATH, or built once with Go, which takes minutes. */
export function versitygw(): string {
  return named('VERSITYGW_BIN') ?? onPath('versitygw') ?? cached('versitygw', () => execFileSync('go', ['install', VERSITYGW], { env: { ...process.env, GOBIN: CACHE } }));
}

/** PARLEY_TEST_FFMPEG, the PATH, or the one in the Python package imageio-ffmpeg. */
export function ffmpeg(): string {
  const inPackage = () => {
    const folder = join(CACHE, 'imageio_ffmpeg/binaries');
    const name = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith('ffmpeg')) : undefined;
    return name && join(folder, name);
  };
  const found = named('PARLEY_TEST_FFMPEG') ?? onPath('ffmpeg') ?? inPackage();
  if (found) return found;
  mkdirSync(CACHE, { recursive: true });
  execFileSync('pip', ['install', '--no-deps', '--quiet', '--target', CACHE, 'imageio-ffmpeg==0.8.1']);
  return inPackage()!;
}

function named(variable: string): string | undefined {
  return process.env[variable] || undefined;
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function cached(name: string, install: () => unknown): string {
  const path = join(CACHE, name);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  install();
  return path;
}
