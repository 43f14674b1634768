import { Injectable } from '@nestjs/common';
import type { keys } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { KeysService } from './keys.service.js';

/** Which behaviour answers which call of KeyService. */
@Injectable()
export class KeysRpc {
  constructor(private readonly keys: KeysService) {}

  methods(): RpcImplementation<typeof keys.KeyServiceService> {
    return {
      listKeys: async () => this.keys.list(),
      rotateKeys: async (q) => this.keys.rotate(q),
      revokeKey: async (q) => this.keys.revoke(q),
    };
  }
}
