import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What of a body is still taken after its answer, so that the client gets to read it. */
const REST = { bytes: 32 * 1024 * 1024, withinMs: 30_000, lookEveryMs: 200 };

/** Cuts a request off that has not come whole in time. One without a body costs nothing. */
export function untilRead(request: IncomingMessage, withinMs: number, cutOff: (socket: Socket) => void): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return;
  const timer = setTimeout(() => cutOff(request.socket), withinMs);
  const clear = () => clearTimeout(timer);
  request.once('end', clear).once('close', clear);
}

/**
 * After the answer to a request that was refused on its way: many clients read nothing before they have sent everything, and
 * would take a closed connection for a broken one. So the rest is thrown away for a while, then the connection is ended.
 */
export function takeRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const most = socket.bytesRead + REST.bytes;
  const until = Date.now() + REST.withinMs;
  const timer = setInterval(() => {
    if (!request.complete && !socket.destroyed && socket.bytesRead <= most && Date.now() < until) return;
    clearInterval(timer);
    if (!request.complete) socket.destroy();
    else if (/\bclose\b/i.test(request.headers.connection ?? '')) socket.end();
  }, REST.lookEveryMs);
  request.resume();
}
