import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@parley/config';
import { Home } from './home/home.js';
import { AlreadyRunningError, lockHome } from './home/lock.js';
import { StartFailed, Supervisor } from './supervisor.js';
import { readUpConfig } from './up.config.js';

/** Signals within this time are one Ctrl-C: npm passes on what the terminal has already sent to everybody. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Runs everything until SIGINT or SIGTERM. Returns the exit code: 0 after an orderly stop, 1 if it could not start,
 * 2 for wrong options or settings.
 */
export async function up(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = Date.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const complain = (line: string) => void process.stderr.write(`parley: ${line}\n`);
  let unlock: (() => void) | undefined;
  try {
    const config = readUpConfig(args, env);
    const repository = fileURLToPath(new URL('../../../..', import.meta.url));
    const home = new Home(isAbsolute(config.home) ? config.home : resolve(repository, config.home));
    unlock = lockHome(home);

    const supervisor = new Supervisor(config, home, env, say);
    const interrupted = onInterrupt(complain, () => supervisor.killAll());
    const outcome = supervisor.start(startedAt);
    const first = await Promise.race([outcome.then(() => 'ready' as const), interrupted]).catch(async (error: unknown) => {
      await supervisor.stop();
      throw error;
    });
    if (first === 'ready') await interrupted;
    say('\nstopping');
    await supervisor.stop();
    await outcome.catch(() => undefined);
    say('stopped');
    return 0;
  } catch (error) {
    complain((error as Error).message);
    if (error instanceof ConfigError) return 2;
    if (!(error instanceof AlreadyRunningError || error instanceof StartFailed)) complain((error as Error).stack ?? '');
    return 1;
  } finally {
    unlock?.();
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a later one ends the process at once. */
function onInterrupt(complain: (line: string) => void, killAll: () => void): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAt ??= Date.now();
        if (Date.now() - firstAt < SAME_SIGNAL_MS) return resolve('interrupted');
        complain('stopped by force');
        killAll();
        process.exit(130);
      });
    }
  });
}
