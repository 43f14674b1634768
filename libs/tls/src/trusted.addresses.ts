import { BlockList, isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Addresses and networks in CIDR notation. */
export class TrustedAddresses {
  readonly #list = new BlockList();

  /** @param networks each valid by `isNetwork` */
  constructor(readonly networks: readonly string[]) {
    for (const one of networks) {
      const [address, prefix] = one.split('/') as [string, string | undefined];
      const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
      this.#list.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
    }
  }

  static isNetwork(text: string): boolean {
    const [address, prefix, ...more] = text.split('/');
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address ?? '')] ?? -1;
    return bits > 0 && more.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
  }

  /** @param address as Node tells it; IPv4 may be mapped into IPv6 */
  has(address: string): boolean {
    const plain = MAPPED.exec(address)?.[1] ?? address;
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** As `has`, from the bytes of an address. */
  hasBytes(bytes: Uint8Array): boolean {
    return this.has(addressOf(bytes));
  }

  /**
   * Who is behind a connection: where one of these is its other end, whom it names, and whom that one names, as long as they
   * are trusted.
   * @param forwardedFor the header X-Forwarded-For; empty when there is none
   */
  callerBehind(peer: string, forwardedFor: string): string {
    if (!this.has(peer)) return peer;
    const hops = forwardedFor.split(',').map((hop) => hop.trim());
    const caller = hops.findLast((hop) => !this.has(hop)) ?? '';
    return isIP(caller) === 0 ? peer : caller;
  }
}

/** The text of an address, from its four or sixteen bytes. */
export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.length === 16 && bytes.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  if (mapped) return bytes.slice(12).join('.');
  return Buffer.from(bytes).toString('hex').match(/.{4}/g)?.join(':') ?? '';
}
