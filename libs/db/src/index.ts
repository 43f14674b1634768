export { connectionOptions, createPool, type Pool, type PoolClient, type PoolOptions } from './pool.js';
export { migrate, MigrationError, type MigrateOptions } from './migrate.js';
export { prismaAdapter, transactionOptions } from './prisma.adapter.js';
export { purgeApp } from './purge-app.js';
export { inTransaction } from './transaction.js';
