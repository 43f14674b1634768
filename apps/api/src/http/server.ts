import cors from '@fastify/cors';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DomainError } from '@parley/errors';

/** Fastify as the platform API needs it: JSON whatever the content type says, bounded bodies, browsers welcome. */
export async function createAdapter(limits: { maxBodyBytes: number }): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({ bodyLimit: limits.maxBodyBytes, routerOptions: { maxParamLength: 1_024 } });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  // Old server SDKs send JSON without saying so.
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const type = request.headers['content-type'] ?? '';
    if (body === '') return done(null, undefined);
    if (type !== '' && !/^(application\/json|text\/plain)/i.test(type)) return done(new DomainError('unsupported_media_type'));
    try {
      done(null, JSON.parse(body as string));
    } catch (error) {
      done(new DomainError('json_parse', { detail: error instanceof Error ? error.message : 'not JSON' }));
    }
  });
  await fastify.register(cors as never, {
    origin: '*',
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'accept', 'restrict-access', 'share-secret', 'x-requested-with', 'idempotency-key'],
    maxAge: 86_400,
  });
  return adapter;
}
