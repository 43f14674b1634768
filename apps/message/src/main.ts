import { runService } from '@parley/rpc';
import { loadServiceConfig, start } from './start.js';

await runService('message', loadServiceConfig, start);
