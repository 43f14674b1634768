import { type Bus, BusError, requests } from '@parley/bus';
import { message, type Tenant } from '@parley/contracts';
import { DomainError, isErrorCode } from '@parley/errors';
import { NameSpace, restMessageToBody } from '@parley/msync';
import { currentTraceparent } from '@parley/telemetry';
import { createHash, randomBytes } from 'node:crypto';
import type { SendOrder } from './send.rules.js';

/** What goes into one request to the message service; the bus carries 1 MiB. */
const BATCH = { items: 200, bytes: 512 * 1024 };
/** Beside the body: tenant, names, ids. */
const ITEM_BYTES = 256;

export interface SendTiming {
  /** After this long the caller is told that it is not known. Milliseconds. */
  readonly withinMs: number;
  readonly attemptMs: number;
  readonly retryAfterMs: number;
}
const TIMING: SendTiming = { withinMs: 10_000, attemptMs: 4_000, retryAfterMs: 200 };

/** Sends for a tenant's server: the same request to the message service as a gateway makes. */
export class SendService {
  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly timing: SendTiming = TIMING,
  ) {}

  /**
   * @param idempotencyKey the same key again gives the same ids, for as long as the message service remembers client ids
   * @returns id of the message to each receiver
   * @throws DomainError unavailable when it is not known to be stored; asking again with the same key is safe
   */
  async send(tenant: Tenant, order: SendOrder, idempotencyKey: string | undefined): Promise<Record<string, string>> {
    const deadline = Date.now() + this.timing.withinMs;
    const traceparent = currentTraceparent();
    const notInHistory = new Set(order.notInHistoryOf);
    const items = order.to.map((to): message.SendItem => ({
      tenant,
      // The message service looks the name up, together with those of the receivers.
      senderId: 0n,
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
      notInHistory: notInHistory.has(to),
      traceparent,
    }));
    const ids: [string, string][] = [];
    for (const batch of batches(items)) {
      const results = await this.sendBatch(batch, deadline);
      batch.forEach((item, i) => ids.push([item.to, String(results[i]!.serverId)]));
    }
    return Object.fromEntries(ids);
  }

  /** Tries again while it is not known whether all are stored: the client ids make that safe. */
  private async sendBatch(items: message.SendItem[], deadline: number): Promise<message.SendResult[]> {
    let cause: unknown;
    for (;;) {
      const left = deadline - Date.now();
      if (left <= 0) throw new DomainError('unavailable', {}, { cause });
      try {
        const { results } = await this.bus.request(requests.send, { items }, { timeoutMs: Math.min(this.timing.attemptMs, left) });
        const refused = results.map(refusalOf).find((error) => error !== undefined);
        if (!refused && results.length === items.length) return results;
        if (refused && !refused.entry.retryable) throw refused;
        cause = refused;
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        cause = error;
        // An online-only message has no stored row by which a second try would know the first.
        if (error.kind !== 'unavailable' && items.some((item) => item.route === message.Route.ROUTE_ONLINE)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, this.timing.retryAfterMs));
    }
  }
}

function refusalOf(result: message.SendResult): DomainError | undefined {
  if (result.error === '') return undefined;
  return new DomainError(isErrorCode(result.error) ? result.error : 'internal', { username: result.errorDetail, detail: result.errorDetail });
}

/** In order, each small enough for one request. */
function batches(items: readonly message.SendItem[]): message.SendItem[][] {
  const all: message.SendItem[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = item.payload.byteLength + ITEM_BYTES;
    if (bytes + size > BATCH.bytes || all.at(-1)!.length >= BATCH.items) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)!.push(item);
    bytes += size;
  }
  return all;
}

function clientId(tenant: Tenant, key: string | undefined, receiver: string): bigint {
  if (key === undefined) return randomBytes(8).readBigUInt64BE();
  return createHash('sha256').update(`${tenant.appId}|${key}|${receiver}`).digest().readBigUInt64BE();
}
