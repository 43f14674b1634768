import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { TLSSocket } from 'node:tls';

export interface LocalAnswer {
  status: number;
  text: string;
}

export interface LocalCall {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** File of the certificate that our own servers show. */
  certFile?: string;
}

/**
 * Asks a server that we started ourselves. With TLS it is known by showing the very certificate of the configuration,
 * which is for the public name and not for this machine's address.
 */
export function askLocally(url: string, { method = 'GET', headers, body, signal, certFile }: LocalCall): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? secure(url, { method, headers, signal, agent: false, rejectUnauthorized: false })
      : plain(url, { method, headers, signal, agent: false });
    // Before anything is sent: writing waits for the connection.
    request.once('socket', (socket) => {
      if (!url.startsWith('https:')) return;
      socket.once('secureConnect', () => {
        const shown = (socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
        const ours = certFile && new X509Certificate(readFileSync(certFile)).fingerprint256;
        if (shown !== ours) request.destroy(new Error(`${url} shows another certificate`));
      });
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', reject);
    });
    request.end(body);
  });
}
