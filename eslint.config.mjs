// What a compiler does not check: the dependency law between projects, that a service keeps to its own tables, and the few
// places where the environment is read and tenants are made.
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const EDGE_LIBS = ['kernel', 'contracts', 'errors', 'msync', 'tokens', 'config', 'telemetry', 'bus', 'rpc', 'app-settings', 'rates', 'revocation', 'tls'];
const SERVICE_LIBS = [...EDGE_LIBS, 'db'];
const TEST_LIBS = ['testkit', 'embedded'];
const ALL_LIBS = [...SERVICE_LIBS, ...TEST_LIBS];
const STORES = ['pg', '@prisma/*'];

/**
 * Who may import whom, by the `scope:` tag of each project. There is no row for "anybody": a project that is not listed
 * may import nothing, so a new one is thought about here first.
 */
const LAW = {
  // pure
  kernel: [],
  contracts: ['kernel'],
  msync: ['kernel'],
  errors: ['kernel'],
  tokens: ['kernel', 'errors'],
  // to the outside
  config: [],
  telemetry: [],
  bus: ['kernel', 'contracts', 'telemetry'],
  tls: ['config', 'telemetry'],
  revocation: ['contracts', 'telemetry', 'bus'],
  rpc: ['kernel', 'contracts', 'errors', 'telemetry'],
  db: ['kernel', 'config', 'telemetry'],
  'app-settings': ['kernel', 'contracts', 'bus'],
  rates: ['kernel', 'contracts', 'telemetry', 'bus', 'app-settings'],
  // for tests and the operator
  embedded: [],
  testkit: ALL_LIBS,
  // services
  auth: SERVICE_LIBS,
  user: SERVICE_LIBS,
  message: SERVICE_LIBS,
  file: SERVICE_LIBS,
  // edges: stateless, no database
  gateway: EDGE_LIBS,
  api: EDGE_LIBS,
  demo: EDGE_LIBS,
  // composers
  standalone: ['bus', 'config', 'rpc', 'telemetry', 'auth', 'user', 'message', 'file', 'gateway', 'api', 'demo'],
  cli: [...EDGE_LIBS, 'embedded'],
};
const NO_STORE = new Set(['kernel', 'contracts', 'msync', 'errors', 'tokens', 'app-settings', 'gateway', 'api', 'demo', 'standalone', 'cli']);

const scopes = (names) => names.map((name) => `scope:${name}`);

function boundaries(law) {
  return [
    'error',
    {
      allow: [],
      enforceBuildableLibDependency: false,
      depConstraints: Object.entries(law).map(([name, libs]) => ({
        sourceTag: `scope:${name}`,
        onlyDependOnLibsWithTags: scopes(libs),
        ...(NO_STORE.has(name) ? { bannedExternalImports: STORES } : {}),
      })),
    },
  ];
}

/** A test may also start real servers. In its own project's other dependencies it is bound like the code. */
const testLaw = Object.fromEntries(Object.entries(LAW).map(([name, libs]) => [name, [...new Set([...libs, ...TEST_LIBS])]]));

const tenantMakers = {
  name: '@parley/kernel',
  importNames: ['tenantFromAuthentication'],
  message: 'Only authentication makes a TenantRef: libs/tokens, apps/auth, apps/api, and the tenant.guard.ts of a service.',
};

/** A service's connections see its own schema as their whole search path: a schema before a name would be somebody else's. */
const FOREIGN_TABLE = String.raw`\b(FROM|JOIN|INTO|UPDATE|TABLE)\s+"?(auth|users|message|file)"?\.`;
const ownTablesOnly = ['TemplateElement[value.raw', 'Literal[value'].map((place) => ({
  selector: `${place}=/${FOREIGN_TABLE}/i]`,
  message: 'Tables are named without a schema: each service has its own, and asks others by their contracts.',
}));

export default defineConfig(
  { ignores: ['**/dist/**', '**/generated/**', '**/node_modules/**', '**/coverage/**', '.nx/**', '.parley/**', '.ci/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,mts,mjs,js}'],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      eqeqeq: ['error', 'always'],
      'no-console': 'off',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(LAW),
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: [tenantMakers] }],
      'no-restricted-syntax': ['error', ...ownTablesOnly],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in config.ts by loadConfig, and take typed values from there.' },
      ],
    },
  },
  {
    // Nest reads constructor parameter types at run time, so what looks like a type is a value there.
    files: ['apps/*/src/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  { files: ['apps/*/src/**/*.{spec,fixture}.ts', 'libs/*/src/**/*.spec.ts'], rules: { '@nx/enforce-module-boundaries': boundaries(testLaw) } },
  {
    files: ['libs/tokens/src/**', 'apps/auth/src/**', 'apps/api/src/**', 'apps/*/src/**/tenant.guard.ts', 'libs/testkit/src/**', '**/*.spec.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: [
      'libs/config/src/**',
      'libs/telemetry/src/**',
      '**/*.spec.ts',
      'libs/testkit/src/**',
      '**/main.ts',
      '**/*.main.ts',
      '**/start.ts',
      '**/config.ts',
      // Hand the whole environment on to a child process, or look for a binary on its PATH.
      'apps/cli/src/up/parts/service.process.ts',
      'libs/db/src/migrate.ts',
      'libs/embedded/src/nats/nats.binary.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  // Loaded with require, as the official SDKs expect.
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // The operator's command talks to a terminal.
  { files: ['apps/cli/src/**', 'libs/testkit/src/**', '**/*.spec.ts', '**/*.main.ts'], rules: { 'no-console': 'off' } },
);
