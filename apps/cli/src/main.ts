import { administer, findCommand, usage } from './admin/administer.js';
import { KEYS_USAGE } from './keys/keys.usage.js';

const USAGE = `usage: parley up [--processes] [--gateways N]

Starts Parley on this machine: PostgreSQL, nats-server, the services, and a demo app with two users.

  --processes    one process for each service instead of one for all
  --gateways N   that many gateways (default 1)
  --help         this text

Settings (environment): PARLEY_HOME (.parley), PARLEY_HOST, PARLEY_API_PORT (7380), PARLEY_GATEWAY_PORT (7390),
PARLEY_DEMO_PORT (7370); a port of 0 means any free one. DATABASE_URL and NATS_URL: servers of yours instead of the
embedded ones. All settings: docs and apps/cli/README.md.

Administration, of a platform that runs. They act as the operator of PARLEY_HOME, or as --credentials FILE or --client-id
with --client-secret (and --url) say; --json prints what the API answered.

${usage()}

${KEYS_USAGE}`;

const words = process.argv.slice(2);
const [command, ...rest] = words;
// Whoever reads the output may go away first (a closed pipe): that must not end the servers.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const administration = findCommand(words);
if (administration) {
  process.exitCode = await administer(administration, words, process.env);
  // Standard input may still be open.
  process.stdin.destroy();
} else if (rest.includes('--help') || command === '--help' || command === undefined) {
  process.stdout.write(USAGE);
} else if (command === 'keys') {
  const { keysCommand } = await import('./keys/keys.command.js');
  process.exitCode = await keysCommand(rest, process.env);
} else if (command !== 'up') {
  process.stderr.write(`unknown command: ${words.filter((word) => !word.startsWith('-')).slice(0, 2).join(' ')}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  // Loaded only now: the commands of administration answer several times faster without the servers' libraries.
  const { up } = await import('./up/up.command.js');
  process.exitCode = await up(rest, process.env);
  process.exit();
}
