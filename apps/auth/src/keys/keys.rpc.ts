import { Injectable } from '@nestjs/common';
import type { keys } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { type Actor, Acts } from '../audit/acts.js';
import { KeysService } from './keys.service.js';

/** Nobody signs in at this door: whoever reaches the inner network may do anything. */
const INNER_NETWORK: Actor = { org: '-', adminId: '', login: 'the inner network', origin: { address: '', userAgent: '' } };

/** Which behaviour answers which call of KeyService. What changes keys stands in the operators' audit log. */
@Injectable()
export class KeysRpc {
  constructor(
    private readonly keys: KeysService,
    private readonly acts: Acts,
  ) {}

  methods(): RpcImplementation<typeof keys.KeyServiceService> {
    return {
      listKeys: async () => this.keys.list(),
      rotateKeys: (q) =>
        this.acts.run(INNER_NETWORK, { name: 'signing_key.rotated', org: '-', detail: { immediately: q.immediately } }, async (_, note) => {
          const next = await this.keys.rotate(q);
          note({ target: next.kid });
          return next;
        }),
      revokeKey: (q) => this.acts.run(INNER_NETWORK, { name: 'signing_key.revoked', org: '-', target: q.kid }, () => this.keys.revoke(q)),
    };
  }
}
