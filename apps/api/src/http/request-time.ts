import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What of a body is still taken after its answer, so that the client gets to read it. */
const REST = { bytes: 32 * 1024 * 1024, withinMs: 30_000, lookEveryMs: 200 };

/** Whether bytes of the body have still to come. */
export function isComing({ complete, headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return !complete && (encoding !== undefined || (length !== undefined && length !== '0'));
}

/** Cuts a request off that has not come whole in time. One without a body costs nothing. */
export function untilRead(request: IncomingMessage, withinMs: number, cutOff: (socket: Socket) => void): void {
  if (!isComing(request)) return;
  const timer = setTimeout(() => cutOff(request.socket), withinMs);
  const clear = () => clearTimeout(timer);
  request.once('end', clear).once('close', clear);
}

/**
 * After the answer to a request that was refused on its way: many clients read nothing before they have sent everything, and
 * would take a closed connection for a broken one. So the rest is thrown away for a while, then the connection is ended.
 */
export function takeRest(request: IncomingMessage): void {
  if (request.complete) return endIfWished(request);
  const { socket } = request;
  const most = socket.bytesRead + REST.bytes;
  const until = Date.now() + REST.withinMs;
  const timer = setInterval(() => {
    if (!request.complete && !socket.destroyed && socket.bytesRead <= most && Date.now() < until) return;
    clearInterval(timer);
    if (request.complete) endIfWished(request);
    else socket.destroy();
  }, REST.lookEveryMs);
  request.resume();
}

/** The answer did not end it, while bytes were still coming. */
function endIfWished({ headers, socket }: IncomingMessage): void {
  if (/\bclose\b/i.test(headers.connection ?? '')) socket.end();
}
