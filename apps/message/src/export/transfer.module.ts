import type { INestApplicationContext } from '@nestjs/common';
import { Bus } from '@parley/bus';
import { transfer } from '@parley/contracts';
import { provide, type RpcImplementation, type RpcService } from '@parley/rpc';
import pg from 'pg';
import type { MessageServiceConfig } from '../config.js';
import { ConversationStore } from '../conversation/conversation.store.js';
import { UserDirectory } from '../conversation/user-directory.js';
import { ImportService } from '../import/import.service.js';
import { KeptHistory } from '../retention/kept-history.js';
import { ExportService } from './export.service.js';
import { ExportStore } from './export.store.js';

/** Wiring of export and import. */
export const transferProviders = (config: MessageServiceConfig['message']) => [
  provide(ExportService, [pg.Pool, KeptHistory], (pool, kept) => new ExportService(new ExportStore(pool), kept)),
  provide(
    ImportService,
    [pg.Pool, Bus, UserDirectory, ConversationStore, KeptHistory],
    (pool, bus, directory, conversations, kept) => new ImportService(pool, bus, directory, conversations, kept, config.rememberDays),
  ),
];

export function transferRpc(parts: INestApplicationContext): RpcService[] {
  const exports = parts.get(ExportService);
  const imports = parts.get(ImportService);
  return [
    [
      transfer.TransferServiceService,
      {
        makeExportLink: (request) => exports.link(request),
        readExport: (request) => exports.read(request),
        importMessage: (request) => imports.import(request),
      } satisfies RpcImplementation<typeof transfer.TransferServiceService>,
    ],
  ];
}
