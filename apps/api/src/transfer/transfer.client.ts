import type { transfer } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type TransferClient = RpcClient<typeof transfer.TransferServiceService>;
export const TRANSFER_CLIENT = Symbol('transfer client');
