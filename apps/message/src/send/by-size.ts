/** Well below the bus's limit of one MiB for a message. */
const MOST_BYTES = 512 * 1024;
/** Names, ids and resources around a meta, at most. */
const ENTRY_OVERHEAD_BYTES = 1_024;

/** Splits what belongs together into what the bus carries in one message. Order is kept. */
export function bySize<T extends { readonly meta: Uint8Array }>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = item.meta.length + ENTRY_OVERHEAD_BYTES;
    if (bytes + size > MOST_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(item);
    bytes += size;
  }
  return parts;
}
