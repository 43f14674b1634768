import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import serveFiles from '@fastify/static';
import { fastify, type FastifyInstance } from 'fastify';
import type { DemoConfig } from '../config.js';
import { securityHeaders } from './security-headers.js';

/** One person: the document in which an SDK runs. */
const PANE = '/pane.html';
const PAGES = fileURLToPath(new URL('../../public', import.meta.url));

/** The page, what it has to know, and the official SDK as it was published. */
export async function demoServer(config: DemoConfig): Promise<FastifyInstance> {
  const server = fastify({ forceCloseConnections: true });
  const [plain, ofPanes] = [securityHeaders(config, false), securityHeaders(config, true)];
  server.addHook('onSend', (request, reply, _payload, done) => {
    void reply.headers(request.url.split('?', 1)[0] === PANE ? ofPanes : plain);
    done();
  });

  await server.register(serveFiles, { root: PAGES, cacheControl: false });
  const sdk = createRequire(import.meta.url).resolve('agora-chat');
  server.get('/sdk/agora-chat.js', (_request, reply) => reply.sendFile(basename(sdk), dirname(sdk)));
  server.get('/config.json', () => ({
    appKey: config.appKey,
    restUrl: config.restUrl,
    gatewayUrl: config.gatewayUrl,
    users: Object.entries(config.users).map(([name, password]) => ({ name, password })),
  }));
  for (const question of ['live', 'ready']) server.get(`/health/${question}`, () => ({ status: 'ok' }));
  return server;
}
