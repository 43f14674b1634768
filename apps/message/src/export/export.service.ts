import type { transfer } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';
import { hourOf, isOver, isSignature, signatureOf } from './export.rules.js';
import type { ExportStore } from './export.store.js';

const HOUR_MS = 3_600_000;
const LINK_MS = 30 * 60_000;
const ROWS = 500;

/** An app's messages of one hour, for its own server. */
export class ExportService {
  constructor(
    private readonly store: ExportStore,
    private readonly kept: KeptHistory,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws DomainError history_file_illegal | history_file_expired | history_file_not_found */
  async link({ tenant: of, hour }: transfer.MakeExportLinkRequest): Promise<transfer.ExportLink> {
    const tenant = of!;
    const names = { appKey: `${tenant.org}#${tenant.app}`, time: hour.slice(0, 32) };
    const from = hourOf(hour);
    if (from === undefined) throw new DomainError('history_file_illegal', names);
    if (!isOver(from, this.now()) || from < (await this.kept.sinceMs(tenant.appId))) throw new DomainError('history_file_expired', names);
    if (!(await this.store.hasAny(tenant.appId, idAt(from), idAt(from + HOUR_MS)))) throw new DomainError('history_file_not_found', names);
    const expiresMs = BigInt(this.now() + LINK_MS);
    return { hour, expiresMs, signature: signatureOf(await this.store.key(), { appId: tenant.appId, hour, expiresMs }) };
  }

  /** @throws DomainError history_link_expired */
  async read({ tenant, link: by, afterId, windowMs }: transfer.ReadExportRequest): Promise<transfer.ReadExportResponse> {
    const link = by!;
    const { appId } = tenant!;
    const right = signatureOf(await this.store.key(), { appId, hour: link.hour, expiresMs: link.expiresMs });
    const hourMs = hourOf(link.hour);
    // A file that was begun in time is read to its end.
    const inTime = afterId > 0n || Number(link.expiresMs) >= this.now();
    if (hourMs === undefined || !inTime || !isSignature(link.signature, right)) throw new DomainError('history_link_expired');
    const from = idAt(hourMs);
    const to = idAt(hourMs + HOUR_MS);
    const page = await this.store.page(appId, afterId >= from && afterId < to ? afterId : from - 1n, to, windowMs, ROWS);
    return {
      metas: page.rows.map(({ id, meta }) => completeMeta(id, BigInt(idToMilliseconds(id)), meta)),
      nextAfterId: page.readUpTo >= to ? 0n : page.readUpTo,
      nextWindowMs: page.windowMs,
    };
  }
}
