const GROUPS = 8;
const OF_NETWORK = 4;

/**
 * What one caller has to himself: an IPv4 address, or the /64 of an IPv6 address, in which he may take any. The unit in
 * which callers are counted; two ways to write an address are one.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head, tail] = address.split('%')[0]!.split('::') as [string, string?];
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
  const groups = [...first, ...Array<number>(Math.max(0, GROUPS - first.length - last.length)).fill(0), ...last];
  const isMapped = groups[5] === 0xff_ff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]).join('.');
  return `${groups.slice(0, OF_NETWORK).map((group) => group.toString(16)).join(':')}::/64`;
}

/** The last one may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  return text.split(':').filter((part) => part !== '').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a, b, c, d] = part.split('.').map(Number) as [number, number, number, number];
    return [a * 256 + b, c * 256 + d];
  });
}
