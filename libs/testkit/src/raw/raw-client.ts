import { client, type Jid, userJid } from '@parley/msync';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { eventually, GIVE_UP_MS } from '../wait/eventually.js';
import { Inbox } from './inbox.js';

export interface RawLogin {
  appKey: string;
  user: string;
  token: string;
  resource?: string;
  reason?: string;
}

export interface RawOptions {
  /** Speak base64 text frames, as some mini-program builds do. */
  text?: boolean;
  /** Answer notices with pulls, as a well-behaved client does. Default true. */
  pulls?: boolean;
  /** Acknowledge pages. Default true; false = a client whose acknowledgements are lost on the way. */
  acknowledges?: boolean;
  /** From where a proxy says that the client comes. */
  forwardedFor?: string;
  /** What was seen before, when a device comes back. */
  inbox?: Inbox;
}

let clientIds = BigInt(Date.now()) * 1_000n;

/** A client id that no other send of this process has. */
export function nextClientId(): bigint {
  return ++clientIds;
}

/** A client that speaks the protocol by hand: for hostile frames, and for traffic that is checked id by id. */
export class RawClient {
  readonly frames: client.Downlink[] = [];
  /** Whether each frame came as text. */
  readonly frameWasText: boolean[] = [];
  readonly inbox: Inbox;
  /** The close code, once closed. */
  closeCode: number | undefined;
  user = '';
  appKey = '';
  resource = '';
  readonly #pulling = new Map<string, { again: boolean }>();

  private constructor(
    private readonly socket: WebSocket,
    private readonly options: RawOptions,
  ) {
    this.inbox = options.inbox ?? new Inbox();
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary));
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => undefined);
  }

  /** Connects without logging in. @throws when the gateway cannot be reached */
  static connect(url: string, options: RawOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(url, {
      ...{ perMessageDeflate: false, handshakeTimeout: GIVE_UP_MS },
      ...(options.forwardedFor === undefined ? {} : { headers: { 'x-forwarded-for': options.forwardedFor } }),
    });
    const raw = new RawClient(socket, options);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(raw));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed before it was open')));
    });
  }

  /** Connects, logs in and asks for what is unread. @throws when refused */
  static async logIn(url: string, login: RawLogin, options: RawOptions = {}): Promise<RawClient> {
    const raw = await RawClient.connect(url, options);
    const answer = await raw.provision(login);
    if (answer.status?.code !== 0) throw new Error(`login refused: ${answer.status?.code} ${answer.status?.reason}`);
    raw.write(client.encodeUnread());
    return raw;
  }

  get isClosed(): boolean {
    return this.closeCode !== undefined;
  }

  /** Sends the login and waits for its answer, whatever it says. */
  async provision(login: RawLogin): Promise<NonNullable<client.Downlink['provision']>> {
    this.user = login.user;
    this.appKey = login.appKey;
    this.resource = login.resource ?? `webim_web_raw${randomBytes(5).toString('hex')}`;
    this.write(client.encodeProvision({ ...login, resource: this.resource }));
    return (await this.frame((one) => one.provision !== undefined)).provision!;
  }

  /** Writes bytes as one frame. */
  write(bytes: Uint8Array): void {
    if (this.options.text) this.socket.send(Buffer.from(bytes).toString('base64'));
    else this.socket.send(bytes);
  }

  /** The first frame from the server that matches, seen already or still to come. @throws after `withinMs`, or when closed */
  frame(matches: (frame: client.Downlink) => boolean, withinMs = GIVE_UP_MS): Promise<client.Downlink> {
    return this.#await('a frame', 0, matches, withinMs);
  }

  /** Sends a message and waits for the answer with its id. */
  async send(message: Omit<client.ClientSend, 'id' | 'to'> & { id?: bigint; to: string | Jid }): Promise<client.DownlinkSync> {
    const id = message.id ?? nextClientId();
    const to = typeof message.to === 'string' ? userJid(this.appKey, message.to) : message.to;
    const before = this.frames.length;
    this.write(client.encodeSend({ ...message, id, to }));
    const answer = await this.#await(`the answer to ${id}`, before, (one) => one.sync?.metaId === id, GIVE_UP_MS);
    return answer.sync!;
  }

  sendText(to: string, text: string, id?: bigint): Promise<client.DownlinkSync> {
    return this.send({ to, id, payload: client.textBody({ from: this.user, to, text }) });
  }

  /** Waits until the server has closed the connection; returns the close code. */
  closed(withinMs = GIVE_UP_MS): Promise<number> {
    return eventually(() => this.closeCode, { withinMs, what: 'the close' });
  }

  close(): void {
    this.socket.close();
  }

  /** Ends the connection without a closing handshake. */
  terminate(): void {
    this.socket.terminate();
  }

  async #await(what: string, after: number, matches: (frame: client.Downlink) => boolean, withinMs: number): Promise<client.Downlink> {
    const found = () => this.frames.slice(after).find(matches);
    await eventually(() => this.isClosed || found() !== undefined, { withinMs, everyMs: 5, what });
    const frame = found();
    if (!frame) throw new Error(`closed with ${this.closeCode} while waiting for ${what}`);
    return frame;
  }

  #received(data: Buffer, isBinary: boolean): void {
    const frame = client.decodeDownlink(isBinary ? data : Buffer.from(data.toString('latin1'), 'base64'));
    this.frames.push(frame);
    this.frameWasText.push(!isBinary);
    if (this.options.pulls === false) return;
    if (frame.unread) for (const { jid } of frame.unread.queues) if (jid) this.#pull(jid);
    if (frame.notice?.queue) this.#pull(frame.notice.queue);
    if (frame.sync && frame.sync.metaId === 0n) this.#page(frame.sync);
  }

  #pull(queue: Jid): void {
    const pulling = this.#pulling.get(queue.name);
    if (pulling) {
      pulling.again = true;
      return;
    }
    this.#pulling.set(queue.name, { again: false });
    this.write(client.encodeSync({ queue }));
  }

  #page({ queue, metas, isLast, nextKey }: client.DownlinkSync): void {
    for (const meta of metas) this.inbox.take(queue?.name ?? '', meta);
    if (!queue) return;
    if (!isLast) {
      if (this.options.acknowledges === false) return;
      this.write(client.encodeSync({ queue, key: nextKey }));
      return;
    }
    const again = this.#pulling.get(queue.name)?.again;
    this.#pulling.delete(queue.name);
    if (again) this.#pull(queue);
  }
}
