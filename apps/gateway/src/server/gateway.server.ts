import { networkOf } from '@parley/kernel';
import { addressOf, CertificateFiles, type Transport, TrustedAddresses } from '@parley/tls';
import uWS from 'uWebSockets.js';
import { Disconnect } from '../session/disconnect.js';
import { Session } from '../session/session.js';
import { type Attached, Outbox, type Socket, SocketWire } from './socket-wire.js';

const SWEEP_EVERY_MS = 1_000;
/** LIBUS_LISTEN_EXCLUSIVE_PORT of uSockets, which its types leave out. */
const EXCLUSIVE_PORT = 1;
/** A socket with more unsent bytes than this is closed by uWebSockets: its client reads too slowly. */
const MAX_BACKPRESSURE_BYTES = 1024 * 1024;

export interface GatewayServerOptions {
  host: string;
  port: number;
  maxFrameBytes: number;
  idleTimeoutSeconds: number;
  loginTimeoutSeconds: number;
  maxConnections: number;
  transport: Transport;
  /** Those who are believed when they say on whose behalf they connect. */
  trustedProxies: readonly string[];
}

export interface GatewayHandlers {
  frame(session: Session, bytes: Uint8Array): void;
  closed(session: Session): void;
  drained(session: Session): void;
  ready(): Promise<boolean>;
}

/** The WebSocket server: sockets in, sessions out. Knows nothing of the protocol inside the frames. */
export class GatewayServer {
  readonly #certificate: CertificateFiles | undefined;
  readonly #allowed: TrustedAddresses | undefined;
  readonly #proxies: TrustedAddresses;
  /** The one that listens is the last; those before it end with the connections that they took. */
  readonly #apps: uWS.TemplatedApp[] = [];
  readonly #sessions = new Set<Session>();
  readonly #outbox = new Outbox();
  /** Connections that have not logged in, oldest first. */
  readonly #unauthenticated = new Set<Session>();
  #listening: uWS.us_listen_socket | false = false;
  #sweep: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(
    private readonly options: GatewayServerOptions,
    private readonly handlers: GatewayHandlers,
  ) {
    const { transport, trustedProxies } = options;
    if (transport.kind === 'tls') this.#certificate = CertificateFiles.load(transport);
    else if (transport.onlyFrom) this.#allowed = new TrustedAddresses(transport.onlyFrom);
    this.#proxies = new TrustedAddresses(trustedProxies);
  }

  /** @returns the port. @throws Error naming the address when it is taken, or the certificate when it is no good */
  async start(): Promise<number> {
    const app = this.#application();
    let port = this.#listen(app, this.options.port);
    if (this.#certificate) {
      // A port that was found, not named, is one that uSockets will not bind again while it has connections.
      if (this.options.port === 0) {
        this.#closeListener();
        port = this.#listen(app, port);
      }
      this.#certificate.watch(() => this.#renew(port));
    }
    this.#sweep = setInterval(() => this.#closeLateLogins(), SWEEP_EVERY_MS);
    return port;
  }

  /** uWebSockets reads the files when it is made, so a new certificate is a new application on the same port. */
  #renew(port: number): void {
    if (this.#stopping) return;
    const app = this.#application();
    const before = this.#apps.at(-1)!;
    this.#closeListener();
    try {
      this.#listen(app, port);
    } catch (error) {
      this.#listen(before, port);
      throw error;
    }
  }

  #listen(app: uWS.TemplatedApp, port: number): number {
    const { host } = this.options;
    let listening: uWS.us_listen_socket | false = false;
    // Exclusive: a second gateway on the same port is a mistake, not a way to share it. Calls back before it returns.
    app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
      listening = socket;
    });
    if (!listening) throw new Error(`gateway cannot listen on ${host}:${port} (PARLEY_GATEWAY_PORT): the port is taken`);
    this.#listening = listening;
    if (!this.#apps.includes(app)) this.#apps.push(app);
    return uWS.us_socket_local_port(listening);
  }

  #closeListener(): void {
    if (this.#listening) uWS.us_listen_socket_close(this.#listening);
    this.#listening = false;
  }

  #application(): uWS.TemplatedApp {
    const { transport } = this.options;
    const app = transport.kind === 'tls' ? uWS.SSLApp({ cert_file_name: transport.certFile, key_file_name: transport.keyFile }) : uWS.App();
    app.ws<Attached>('/websocket', {
      maxPayloadLength: this.options.maxFrameBytes,
      maxBackpressure: MAX_BACKPRESSURE_BYTES,
      closeOnBackpressureLimit: true,
      idleTimeout: this.options.idleTimeoutSeconds,
      sendPingsAutomatically: true,
      compression: uWS.DISABLED,
      upgrade: (res, req, context) => {
        if (!this.#admits(res)) return;
        res.upgrade<Attached>(
          { session: undefined, text: false, network: this.#networkOf(res, req) },
          req.getHeader('sec-websocket-key'),
          req.getHeader('sec-websocket-protocol'),
          req.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (ws) => this.#opened(ws),
      message: (ws, data, isBinary) => this.#received(ws, data, isBinary),
      drain: (ws) => {
        const { session } = ws.getUserData();
        if (session) this.handlers.drained(session);
      },
      close: (ws) => this.#closed(ws),
    });
    app.get('/health/live', (res) => {
      res.writeHeader('content-type', 'application/json').end('{"status":"live"}');
    });
    app.get('/health/ready', (res) => this.#ready(res));
    app.any('/*', (res) => {
      res.writeStatus('404 Not Found').writeHeader('content-type', 'application/json').end('{"error":"path_not_found"}');
    });
    return app;
  }

  /** Without TLS only those may connect who are named; anybody may ask how the gateway is. */
  #admits(res: uWS.HttpResponse): boolean {
    if (!this.#allowed || this.#allowed.hasBytes(new Uint8Array(res.getRemoteAddress()))) return true;
    res.writeStatus('403 Forbidden').writeHeader('content-type', 'application/json').end('{"error":"forbidden_op"}');
    return false;
  }

  #networkOf(res: uWS.HttpResponse, req: uWS.HttpRequest): string {
    const peer = addressOf(new Uint8Array(res.getRemoteAddress()));
    return networkOf(this.#proxies.callerBehind(peer, req.getHeader('x-forwarded-for')));
  }

  /** No new connections from here on. */
  stopListening(): void {
    this.#stopping = true;
    clearInterval(this.#sweep);
    this.#certificate?.stop();
    this.#closeListener();
  }

  /** Ends all sessions so that clients come back elsewhere. */
  close(): void {
    for (const session of [...this.#sessions]) session.end(Disconnect.goingAway);
    for (const app of this.#apps) app.close();
  }

  #opened(ws: Socket): void {
    const attached = ws.getUserData();
    const session = new Session(new SocketWire(ws, this.#outbox), Date.now(), attached.network);
    attached.session = session;
    this.#sessions.add(session);
    if (this.#stopping || this.#sessions.size > this.options.maxConnections) {
      session.end(Disconnect.overloaded);
      return;
    }
    this.#unauthenticated.add(session);
  }

  #received(ws: Socket, data: ArrayBuffer, isBinary: boolean): void {
    const attached = ws.getUserData();
    const { session } = attached;
    if (!session) return;
    let frame: Buffer;
    if (isBinary) {
      // The memory of `data` is only lent until this returns.
      frame = Buffer.from(new Uint8Array(data));
    } else {
      attached.text = true;
      frame = Buffer.from(Buffer.from(data).toString('latin1'), 'base64');
    }
    this.handlers.frame(session, frame);
    if (session.state === 'ready' && this.#unauthenticated.size > 0) this.#unauthenticated.delete(session);
  }

  #closed(ws: Socket): void {
    const { session } = ws.getUserData();
    if (!session) return;
    session.state = 'ended';
    (session.wire as SocketWire).detach();
    this.#sessions.delete(session);
    this.#unauthenticated.delete(session);
    this.handlers.closed(session);
  }

  #closeLateLogins(): void {
    const limit = Date.now() - this.options.loginTimeoutSeconds * 1_000;
    for (const session of this.#unauthenticated) {
      if (session.openedAtMs > limit) return;
      this.#unauthenticated.delete(session);
      if (!session.ready) session.end(Disconnect.loginTimeout);
    }
  }

  #ready(res: uWS.HttpResponse): void {
    let aborted = false;
    res.onAborted(() => (aborted = true));
    void this.handlers
      .ready()
      .catch(() => false)
      .then((ready) => {
        if (aborted) return;
        res.cork(() => {
          const ok = ready && !this.#stopping;
          res
            .writeStatus(ok ? '200 OK' : '503 Service Unavailable')
            .writeHeader('content-type', 'application/json')
            .end(ok ? '{"status":"ready"}' : '{"status":"not ready"}');
        });
      });
  }
}
