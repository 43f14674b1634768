import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses that belong to no public server: a tenant must not make this service speak to the inside. */
const INSIDE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24],
  ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 3],
] as const) INSIDE.addSubnet(net, prefix, 'ipv4');
/** Of IPv6 only what is given to the public, less the ranges that carry IPv4 addresses of anybody or are for documents. */
const OUTSIDE6 = new BlockList();
OUTSIDE6.addSubnet('2000::', 3, 'ipv6');
const INSIDE6 = new BlockList();
for (const [net, prefix] of [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const) INSIDE6.addSubnet(net, prefix, 'ipv6');

/** Whether that is the address of a server on the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !INSIDE.check(address, 'ipv4');
    case 6:
      return OUTSIDE6.check(address, 'ipv6') && !INSIDE6.check(address, 'ipv6');
    default:
      return false;
  }
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

/**
 * Why keys cannot be fetched from there; undefined = they may, if the name resolves to a public address.
 * @param loopbackAllowed this machine too, and without TLS
 */
export function addressProblem(text: string, loopbackAllowed: boolean): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not carry a password';
  if (isLoopbackHost(url.hostname)) return loopbackAllowed && /^https?:$/.test(url.protocol) ? undefined : 'must be on a public server';
  if (url.protocol !== 'https:') return 'must begin with https://';
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) !== 0 && !isPublicAddress(literal) ? 'must be on a public server' : undefined;
}

/** Resolves names as usual, but to nothing that is not public: checked on the very address that is connected to. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '');
    const bad = addresses.find(({ address }) => !isPublicAddress(address));
    if (bad || addresses.length === 0) return callback(Object.assign(new Error(`${hostname} is not on a public server`), { code: 'ENOTPUBLIC' }), '');
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};
