// A WebSocket client that costs little: binary frames both ways, no extensions. A load generator that is dearer than the
// server measures itself. The mask is zero (RFC 6455 asks for a mask, not for which), so nothing is XORed.
import { randomBytes } from 'node:crypto';
import net from 'node:net';

export class WebSocketClient {
  #socket;
  #rest = Buffer.alloc(0);
  #open = false;
  #out = [];
  #flushing = false;
  bytesIn = 0;
  bytesOut = 0;
  onMessage = () => {};
  onClose = () => {};

  /** Resolves when the upgrade is done. */
  static connect(url, { localAddress } = {}) {
    const client = new WebSocketClient();
    const { hostname, port, pathname, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostname, port: Number(port), localAddress, noDelay: true });
      client.#socket = socket;
      socket.once('error', (error) => {
        reject(error);
        client.onClose();
      });
      socket.on('close', () => client.onClose());
      socket.once('connect', () => {
        socket.write(
          `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
        );
      });
      socket.on('data', (chunk) => {
        client.bytesIn += chunk.length;
        if (!client.#open) {
          const end = chunk.indexOf('\r\n\r\n');
          if (end < 0 || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) return reject(new Error('no upgrade'));
          client.#open = true;
          chunk = chunk.subarray(end + 4);
          resolve(client);
        }
        client.#read(chunk);
      });
    });
  }

  /** Frames of one tick leave in one write. */
  send(payload) {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 6 : 8);
    head[0] = 0x82;
    if (length < 126) head[1] = 0x80 | length;
    else {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(length, 2);
    }
    this.#out.push(head, payload);
    this.bytesOut += head.length + length;
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      const bytes = Buffer.concat(this.#out);
      this.#out = [];
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #read(chunk) {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      if (data.length < 2) break;
      let length = data[1] & 0x7f;
      let at = 2;
      if (length === 126) {
        if (data.length < 4) break;
        length = data.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (data.length < 10) break;
        length = Number(data.readBigUInt64BE(2));
        at = 10;
      }
      if (data.length < at + length) break;
      const payload = data.subarray(at, at + length);
      const opcode = data[0] & 0x0f;
      if (opcode === 2) this.onMessage(payload);
      else if (opcode === 9) this.#socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | length, 0, 0, 0, 0]), payload]));
      data = data.subarray(at + length);
    }
    // A copy: the rest would hold on to the whole chunk.
    this.#rest = data.length > 0 ? Buffer.from(data) : Buffer.alloc(0);
  }
}
