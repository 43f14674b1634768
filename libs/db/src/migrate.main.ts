// The child process of migrate(): applies one service's migrations and ends. Imports packages only, since tests run
// this file as it is, where a relative import would need another ending than the build gives it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineGlue from '@prisma/schema-engine-wasm/schema_engine_bg';

interface SchemaEngine {
  applyMigrations(input: unknown): Promise<{ appliedMigrationNames: string[] }>;
}
/** The part of the WebAssembly interface that is used here; the compiler's own types come only with the browser's. */
interface WasmInterface {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, unknown>) => { exports: Record<string, unknown> };
}
interface EngineGlue {
  __wbg_set_wasm(exports: Record<string, unknown>): void;
  SchemaEngine: { new: (input: unknown, log: () => void, adapter: unknown) => Promise<SchemaEngine> };
}

const { url, schema, folder } = JSON.parse(process.env['PARLEY_MIGRATION'] ?? '{}') as Record<string, string>;
if (!url || !schema || !folder) throw new Error('PARLEY_MIGRATION is missing: this is started by migrate()');

/** The engine is WebAssembly with JavaScript glue; the package leaves putting the two together to whoever runs it. */
function loadEngine(): EngineGlue {
  const glue = engineGlue as unknown as EngineGlue;
  const packageFolder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const wasm = (globalThis as unknown as { WebAssembly: WasmInterface }).WebAssembly;
  const module = new wasm.Module(readFileSync(join(packageFolder, 'schema_engine_bg.wasm')));
  const instance = new wasm.Instance(module, { './schema_engine_bg.js': engineGlue });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return glue;
}

/**
 * The stock adapter cuts a script at every semicolon, also inside a function's body. Here the server gets the script
 * whole; it runs it as one transaction, so that a failed migration leaves nothing behind.
 */
class WholeScriptAdapter extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const connection = await super.connect();
    connection.executeScript = async (script) => {
      await connection.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    return connection;
  }
}

function migrationDirectories(base: string): unknown[] {
  return readdirSync(base)
    .filter((name) => existsSync(join(base, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const value = readFileSync(join(base, name, 'migration.sql'), 'utf8');
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
    });
}

try {
  const adapter = new WholeScriptAdapter({ connectionString: url, options: `-c search_path=${schema}` }, { schema });
  // Applying needs no data model, only the provider.
  const datamodels = [['schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\n']];
  const engine = await loadEngine().SchemaEngine.new({ datamodels }, () => undefined, bindMigrationAwareSqlAdapterFactory(adapter));
  await engine.applyMigrations({
    migrationsList: {
      baseDir: folder,
      shadowDbInitScript: '',
      lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
      migrationDirectories: migrationDirectories(folder),
    },
    filters: { externalTables: [], externalEnums: [] },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Not waiting for the adapter's idle connections: the engine's lock ends with the process.
process.exit();
