import { ConfigError, section, type SectionValues, setting } from '@parley/config';
import { z } from 'zod';
import { TrustedAddresses } from './trusted.addresses.js';

/** How clients reach an edge: both edges have the same certificate. */
export const tlsConfig = section('tls', {
  certFile: setting(z.string().optional(), {
    env: 'PARLEY_TLS_CERT_FILE',
    doc: 'Certificate chain (PEM) of the REST API and the gateway, which then speak HTTPS and WSS. Read again when it changes.',
  }),
  keyFile: setting(z.string().optional(), { env: 'PARLEY_TLS_KEY_FILE', doc: 'Private key (PEM) of that certificate.' }),
  insecurePlain: setting(z.stringbool().default(false), {
    env: 'PARLEY_INSECURE_PLAIN',
    doc: 'Serve without TLS to whoever reaches this address. For development in a closed network only.',
  }),
});
export type TlsConfig = SectionValues<typeof tlsConfig>;

/** A list of networks in CIDR notation, separated by commas. */
export const trustedProxies = z
  .string()
  .default('')
  .transform((text, context) => {
    const networks = text.split(',').map((one) => one.trim()).filter((one) => one !== '');
    for (const one of networks) {
      if (!TrustedAddresses.isNetwork(one)) context.addIssue({ code: 'custom', message: `"${one}" is no address or network like 10.0.0.0/8` });
    }
    return networks;
  });

export type Transport = { kind: 'tls'; certFile: string; keyFile: string } | { kind: 'plain'; onlyFrom: readonly string[] | undefined };

const LOOPBACK = ['127.0.0.0/8', '::1'];

/**
 * How an edge is to listen: with a certificate; or plain on loopback, for trusted proxies, or for anybody if that was
 * asked for. `onlyFrom` undefined = whoever connects.
 * @param variable of the edge's trusted proxies
 * @throws ConfigError when passwords and tokens would cross a network in the open
 */
export function checkTransport(tls: TlsConfig, host: string, proxies: readonly string[], variable: string): Transport {
  const { certFile, keyFile, insecurePlain } = tls;
  if (certFile && keyFile) return { kind: 'tls', certFile, keyFile };
  if (certFile || keyFile) throw new ConfigError(['tls: PARLEY_TLS_CERT_FILE and PARLEY_TLS_KEY_FILE must both be set']);
  if (isLoopback(host) || insecurePlain) return { kind: 'plain', onlyFrom: undefined };
  if (proxies.length > 0) return { kind: 'plain', onlyFrom: [...proxies, ...LOOPBACK] };
  throw new ConfigError([
    `tls: refusing to serve without TLS on ${host} (PARLEY_HOST): set PARLEY_TLS_CERT_FILE and PARLEY_TLS_KEY_FILE, or name the proxies in front in ${variable}, or set PARLEY_INSECURE_PLAIN=true for development`,
  ]);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || new TrustedAddresses(LOOPBACK).has(host);
}
