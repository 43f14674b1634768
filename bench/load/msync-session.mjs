// One logged-in device that behaves as the official SDK does: asks for unread queues after login, repeats the key of every
// page that asks for it, answers nothing else.
import { client } from '@parley/msync';
import { WebSocketClient } from './web-socket.mjs';

const EMPTY_JID = { appKey: '', name: '', domain: '', clientResource: '' };

export class MsyncSession {
  onDelivered = () => {};
  onAcknowledged = () => {};
  #nextId = BigInt(Date.now()) * 1_000n;

  constructor(socket, login) {
    this.socket = socket;
    this.login = login;
  }

  /** @param login {appKey, user, resource, token} */
  static async open(url, login, options) {
    const socket = await WebSocketClient.connect(url, options);
    const session = new MsyncSession(socket, login);
    await new Promise((resolve, reject) => {
      socket.onClose = () => reject(new Error(`${login.user}: closed during login`));
      socket.onMessage = (frame) => {
        const { provision, unread } = client.decodeDownlink(frame);
        if (provision) {
          if (provision.status?.code !== 0) return reject(new Error(`${login.user}: ${provision.status?.reason}`));
          socket.send(client.encodeUnread());
        } else if (unread) resolve();
      };
      socket.send(client.encodeProvision(login));
    });
    socket.onClose = () => {};
    socket.onMessage = (frame) => session.#receive(frame);
    return session;
  }

  /** @returns the client id, which onAcknowledged repeats */
  send(to, payload) {
    const id = this.#nextId++;
    this.socket.send(client.encodeSend({ id, to: { ...EMPTY_JID, appKey: this.login.appKey, name: to, domain: 'easemob.com' }, payload }));
    return id;
  }

  /** Asks for these queues, as a client does after login. */
  askFor(peers) {
    for (const name of peers) this.socket.send(client.encodeSync({ queue: { ...EMPTY_JID, appKey: this.login.appKey, name, domain: 'easemob.com' } }));
  }

  close() {
    this.socket.close();
  }

  #receive(frame) {
    const { sync } = client.decodeDownlink(frame);
    if (!sync) return;
    if (sync.metaId > 0n) {
      this.onAcknowledged(sync.metaId, sync.status?.code ?? 0, sync.serverId);
      return;
    }
    for (const meta of sync.metas) this.onDelivered(meta);
    if (!sync.isLast) this.socket.send(client.encodeSync({ queue: sync.queue, key: sync.nextKey }));
  }
}
