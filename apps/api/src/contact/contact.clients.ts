import type { blocklist, contacts } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

export type ContactClient = RpcClient<typeof contacts.ContactServiceService>;
export const CONTACT_CLIENT = Symbol('contact client');
export type BlocklistClient = RpcClient<typeof blocklist.BlocklistServiceService>;
export const BLOCKLIST_CLIENT = Symbol('blocklist client');
