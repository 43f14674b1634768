import { PrismaPg } from '@prisma/adapter-pg';
import { connectionLost, connectionOptions, type PoolOptions } from './pool.js';

const DEFAULT_CONNECTIONS = 10;

/**
 * How long a transaction waits for its connection, and how long it may take. With Prisma's own 2 and 5 s a replica that starts
 * on a busy machine, or beside another one, would die of it. Who calls gives up earlier.
 */
export const transactionOptions = { maxWait: 15_000, timeout: 15_000 };

/** What a service's PrismaClient is made with: `new PrismaClient({ adapter: prismaAdapter({ url, schema }), transactionOptions })`. */
export function prismaAdapter(options: Omit<PoolOptions, 'max'> & { max?: number }): PrismaPg {
  const { schema } = options;
  return new PrismaPg(connectionOptions({ max: DEFAULT_CONNECTIONS, ...options }), {
    schema,
    onPoolError: (error) => connectionLost(schema, error),
    onConnectionError: (error) => connectionLost(schema, error),
  });
}
