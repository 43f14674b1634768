import { PrismaPg } from '@prisma/adapter-pg';
import { connectionLost, connectionOptions, type PoolOptions } from './pool.js';

const DEFAULT_CONNECTIONS = 10;

/** What a service's PrismaClient is made with: `new PrismaClient({ adapter: prismaAdapter({ url, schema }) })`. */
export function prismaAdapter(options: Omit<PoolOptions, 'max'> & { max?: number }): PrismaPg {
  const { schema } = options;
  return new PrismaPg(connectionOptions({ max: DEFAULT_CONNECTIONS, ...options }), {
    schema,
    onPoolError: (error) => connectionLost(schema, error),
    onConnectionError: (error) => connectionLost(schema, error),
  });
}
