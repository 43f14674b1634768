import { type Bus, BusError, requests } from '@parley/bus';
import { message, type Tenant } from '@parley/contracts';
import { DomainError, isErrorCode } from '@parley/errors';
import { NameSpace, restMessageToBody } from '@parley/msync';
import { currentTraceparent } from '@parley/telemetry';
import { createHash, randomBytes } from 'node:crypto';
import type { SendOrder } from './send.rules.js';

const BATCH = 200;
const WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 200;

/** Sends for a tenant's server: the same request to the message service as a gateway makes. */
export class SendService {
  constructor(private readonly bus: Bus) {}

  /**
   * @param idempotencyKey the same key again gives the same ids, as long as the message service remembers client ids
   * @returns id of the message to each receiver
   * @throws DomainError unavailable when it is not known to be stored; asking again with the same key is safe
   */
  async send(tenant: Tenant, order: SendOrder, idempotencyKey: string | undefined): Promise<Record<string, string>> {
    const senderId = await this.#senderId(tenant, order.from);
    const traceparent = currentTraceparent();
    const items = order.to.map((to): message.SendItem => ({
      tenant,
      senderId,
      sender: order.from,
      senderResource: '',
      clientId: clientId(tenant, idempotencyKey, to),
      to,
      toResource: '',
      ns: NameSpace.CHAT,
      payload: restMessageToBody({ ...order.message, from: order.from, to, ext: order.ext }),
      ext: [],
      route: order.onlineOnly ? message.Route.ROUTE_ONLINE : message.Route.ROUTE_UNSPECIFIED,
      recipientOnly: !order.syncDevice,
      ignoreUnknownRecipient: true,
      traceparent,
    }));
    const ids: Record<string, string> = {};
    for (let i = 0; i < items.length; i += BATCH) {
      const part = items.slice(i, i + BATCH);
      const results = await this.#sendAll(part);
      part.forEach((item, k) => (ids[item.to] = String(results[k]!.serverId)));
    }
    return ids;
  }

  /** Tries again while nobody answers: the client ids make that safe. */
  async #sendAll(items: message.SendItem[]): Promise<message.SendResult[]> {
    const until = Date.now() + WITHIN_MS;
    for (;;) {
      try {
        const { results } = await this.bus.request(requests.send, { items });
        const failed = results.find((result) => result.error !== '');
        if (!failed && results.length === items.length) return results;
        const code = failed && isErrorCode(failed.error) ? failed.error : 'unavailable';
        if (code !== 'unavailable') throw new DomainError(code, { username: failed!.errorDetail });
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
      }
      if (Date.now() > until) throw new DomainError('unavailable');
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  }

  async #senderId(tenant: Tenant, username: string): Promise<bigint> {
    const { userIds } = await this.bus.request(requests.resolveUsers, { names: [{ appId: tenant.appId, username }] });
    return userIds[0] ?? 0n;
  }
}

function clientId(tenant: Tenant, key: string | undefined, receiver: string): bigint {
  if (key === undefined) return randomBytes(8).readBigUInt64BE();
  return createHash('sha256').update(`${tenant.appId}|${key}|${receiver}`).digest().readBigUInt64BE();
}
