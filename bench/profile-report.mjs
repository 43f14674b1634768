// Where the CPU of a service went, by part: node bench/profile-report.mjs file.cpuprofile
// Make the profile with NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/some/folder" npm run bench -- --only w1 --repeat 1
import { readFileSync } from 'node:fs';

const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const byId = new Map(nodes.map((node) => [node.id, node]));
const self = new Map();
samples.forEach((id, i) => self.set(id, (self.get(id) ?? 0) + timeDeltas[i]));

function partOf({ functionName, url }) {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)' || url === '') return 'native code (sockets, crypto, protobuf text)';
  const own = /\/(apps|libs)\/([^/]+)\//.exec(url);
  if (own) return `${own[1]}/${own[2]}`;
  const dependency = /node_modules\/\.pnpm\/[^/]+\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(url);
  if (dependency) return dependency[1];
  return url.startsWith('node:') ? `node: ${url.slice(5).split('/')[0]}` : url;
}

const parts = new Map();
for (const [id, micros] of self) {
  const part = partOf(byId.get(id).callFrame);
  parts.set(part, (parts.get(part) ?? 0) + micros);
}
const idle = parts.get('idle') ?? 0;
parts.delete('idle');
const busy = [...parts.values()].reduce((sum, micros) => sum + micros, 0);
console.log(`busy ${(busy / 1e6).toFixed(1)} s, idle ${(idle / 1e6).toFixed(1)} s`);
for (const [part, micros] of [...parts].sort((a, b) => b[1] - a[1]).slice(0, 20)) {
  console.log(`${((100 * micros) / busy).toFixed(1).padStart(5)} %  ${part}`);
}
