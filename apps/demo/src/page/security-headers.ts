import type { DemoConfig } from '../config.js';

/**
 * The page may load its own files, call the two servers that it is a client of, and hold its own panes. Nothing inline,
 * nothing from elsewhere. Only where the SDK runs may code be made from text: its protobuf library compiles its decoders.
 */
export function securityHeaders({ restUrl, gatewayUrl }: Pick<DemoConfig, 'restUrl' | 'gatewayUrl'>, runsSdk: boolean): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'script-src': runsSdk ? "'self' 'unsafe-eval'" : "'self'",
    'style-src': "'self'",
    'img-src': "'self'",
    'connect-src': `'self' ${new URL(restUrl).origin} ${new URL(gatewayUrl).origin}`,
    'frame-src': "'self'",
    'frame-ancestors': "'self'",
    'form-action': "'none'",
    'base-uri': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
}
