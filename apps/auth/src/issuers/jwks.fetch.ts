import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { addressProblem, isLoopbackHost, publicLookup } from './jwks.address.js';
import { type JwkSet, readJwks } from './jwks.rules.js';

const MAX_BYTES = 128 * 1_024;
const WITHIN_MS = 5_000;

/**
 * Fetches a tenant's keys: no redirects, bounded in size and time, from public servers only.
 * @throws Error that says what was wrong
 */
export async function fetchJwks(address: string, loopbackAllowed: boolean): Promise<JwkSet> {
  const problem = addressProblem(address, loopbackAllowed);
  if (problem) throw new Error(`the address of the keys ${problem}`);
  return readJwks(await fetchText(new URL(address)));
}

function fetchText(url: URL): Promise<string> {
  const get = url.protocol === 'http:' ? getPlain : getSecure;
  const lookup = isLoopbackHost(url.hostname) ? {} : { lookup: publicLookup };
  return new Promise((resolve, reject) => {
    const request = get(url, { ...lookup, agent: false, headers: { accept: 'application/json' }, signal: AbortSignal.timeout(WITHIN_MS) }, (response) => {
      if (response.statusCode !== 200) {
        request.destroy();
        reject(new Error(`the keys were answered with status ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) request.destroy(new Error(`the keys are longer than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
