// Generates code from proto/ and the Prisma schemas. Generated folders are never committed or edited.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, args, cwd = root) => execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

run('buf', ['generate']);
run('buf', ['generate', '--template', 'buf.gen.msync.yaml']);
for (const service of readdirSync(join(root, 'apps'))) {
  const folder = join(root, 'apps', service);
  if (existsSync(join(folder, 'prisma/schema.prisma'))) run('prisma', ['generate'], folder);
}
