import { addressesConfig, infrastructureConfig, loadConfig, section, setting } from '@parley/config';
import { checkTransport, tlsConfig, trustedProxies } from '@parley/tls';
import { z } from 'zod';

export const gatewayConfig = section('gateway', {
  host: setting(z.string().default('127.0.0.1'), { env: 'PARLEY_HOST', doc: 'Address that the servers listen on.' }),
  port: setting(z.coerce.number().int().min(0).max(65_535).default(7390), {
    env: 'PARLEY_GATEWAY_PORT',
    doc: 'Port of the gateway: /websocket and /health/*. 0 = any free port.',
  }),
  trustedProxies: setting(trustedProxies, {
    env: 'PARLEY_GATEWAY_TRUSTED_PROXIES',
    doc: 'Addresses or networks (10.0.0.0/8, …) of proxies in front that end TLS: they alone may connect without it when the gateway listens beyond this machine, and their X-Forwarded-For is believed.',
  }),
  loginTimeoutSeconds: setting(z.coerce.number().int().min(1).max(120).default(15), {
    env: 'PARLEY_GATEWAY_LOGIN_TIMEOUT_SECONDS',
    doc: 'A connection that has not logged in by then is closed.',
  }),
  idleTimeoutSeconds: setting(z.coerce.number().int().min(90).max(960).default(120), {
    env: 'PARLEY_GATEWAY_IDLE_TIMEOUT_SECONDS',
    doc: 'A connection from which nothing comes, not even the answer to a ping, is closed.',
  }),
  maxFrameBytes: setting(z.coerce.number().int().min(8_192).default(65_536), {
    env: 'PARLEY_GATEWAY_MAX_FRAME_BYTES',
    doc: 'A longer frame ends the connection.',
  }),
  maxMessageBytes: setting(z.coerce.number().int().min(1_024).max(32_768).default(5_120), {
    env: 'PARLEY_GATEWAY_MAX_MESSAGE_BYTES',
    doc: 'Longest message (body and ext together) of any app; an app may have a lower limit of its own (`messageBytes`).',
  }),
  maxPendingSends: setting(z.coerce.number().int().min(1).default(1_000), {
    env: 'PARLEY_GATEWAY_MAX_PENDING_SENDS',
    doc: 'Messages of one connection that wait to be stored; beyond it they are refused as too fast.',
  }),
  maxConnections: setting(z.coerce.number().int().min(1).default(200_000), {
    env: 'PARLEY_GATEWAY_MAX_CONNECTIONS',
    doc: 'Connections of one gateway; further ones are closed with advice to come back.',
  }),
  maxLoginsOfAppPerSecond: setting(z.coerce.number().int().min(1).default(1_000), {
    env: 'PARLEY_GATEWAY_MAX_LOGINS_OF_APP_PER_SECOND',
    doc: "Logins of one app admitted in a second, so that its reconnect storm leaves the others' logins room.",
  }),
  maxFailedLoginsOfAddressPerSecond: setting(z.coerce.number().int().min(1).default(50), {
    env: 'PARLEY_GATEWAY_MAX_FAILED_LOGINS_OF_ADDRESS_PER_SECOND',
    doc: 'Logins from one address that were refused in a second, for a token that is no good; what else comes from there in that second is turned away to try again.',
  }),
  maxFramesPerSecond: setting(z.coerce.number().int().min(10).default(2_000), {
    env: 'PARLEY_GATEWAY_MAX_FRAMES_PER_SECOND',
    doc: 'Frames of one connection in a second; one that sends more is closed with advice to come back.',
  }),
  maxLoginsPerSecond: setting(z.coerce.number().int().min(1).default(2_000), {
    env: 'PARLEY_GATEWAY_MAX_LOGINS_PER_SECOND',
    doc: 'Logins admitted in a second; the rest of a reconnect storm is turned away to try again.',
  }),
});

export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = loadConfig({ gateway: gatewayConfig, tls: tlsConfig, infrastructure: infrastructureConfig, addresses: addressesConfig }, env);
  const { host, trustedProxies: proxies } = config.gateway;
  return { ...config, transport: checkTransport(config.tls, host, proxies, 'PARLEY_GATEWAY_TRUSTED_PROXIES') };
}
export type GatewayServiceConfig = ReturnType<typeof loadServiceConfig>;
