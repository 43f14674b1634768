import type { file } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** The file service's calls; its bytes go by FileRelay. */
export type FileClient = RpcClient<typeof file.FileServiceService>;
export const FILE_CLIENT = Symbol('file client');
