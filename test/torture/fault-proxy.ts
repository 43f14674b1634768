import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What the network does at the moment. `cut` ends all connections and refuses new ones; `silent` keeps them open and lets
 * nothing through until it is over; `slow` holds every piece back for a while, in order; `forgotten` loses the connections
 * there are without telling either end, as a firewall does that was started anew, and takes new ones.
 */
export type Weather = 'clear' | 'cut' | 'silent' | 'slow' | 'forgotten';

const SLOW_MS = 120;

interface Passage {
  readonly client: Socket;
  readonly server: Socket;
  /** Who has opened it, if that can be told. */
  readonly who: string | undefined;
}

const endsOf = ({ client, server }: Passage) => [client, server];

/** A network that misbehaves, in front of one server: for everybody, or for one of its clients alone. */
export class FaultProxy {
  readonly #passages = new Set<Passage>();
  readonly #forgotten = new Set<Passage>();
  readonly #weatherOf = new Map<string, Weather>();
  #weather: Weather = 'clear';
  /** Connections that the weather has ended, held up or refused. */
  felt = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly whoHas: (port: number) => string | undefined,
  ) {}

  /** @param whoHas names the client that connects from this port of the machine */
  static async start(targetPort: number, whoHas: (from: number, to: number) => string | undefined = () => undefined): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxy = new FaultProxy(server, port, (from) => whoHas(from, port));
    server.on('connection', (client) => proxy.#join(client, targetPort));
    return proxy;
  }

  /** @param who this client alone; without it everybody */
  set(weather: Weather, who?: string): void {
    // What is forgotten stays so; what comes afterwards passes.
    const lasting = weather === 'forgotten' ? 'clear' : weather;
    if (who === undefined) this.#weather = lasting;
    else this.#weatherOf.set(who, lasting);
    for (const passage of this.#passages) if (who === undefined || passage.who === who) this.#strike(passage, weather);
  }

  async stop(): Promise<void> {
    for (const passage of [...this.#passages, ...this.#forgotten]) endsOf(passage).forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }

  #strike(passage: Passage, weather: Weather): void {
    if (weather !== 'clear') this.felt++;
    const ends = endsOf(passage);
    if (weather === 'cut') ends.forEach((socket) => socket.destroy());
    else if (weather === 'silent') ends.forEach((socket) => socket.pause());
    else if (weather === 'forgotten') this.#forget(passage);
    else ends.forEach((socket) => socket.resume());
  }

  /** Neither end hears of the other again, not even that it is gone. */
  #forget(passage: Passage): void {
    this.#passages.delete(passage);
    this.#forgotten.add(passage);
    for (const socket of endsOf(passage)) {
      socket.pause();
      socket.removeAllListeners('data').removeAllListeners('close');
    }
  }

  #weatherFor(who: string | undefined): Weather {
    return (who === undefined ? undefined : this.#weatherOf.get(who)) ?? this.#weather;
  }

  #join(client: Socket, targetPort: number): void {
    const who = this.whoHas(client.remotePort ?? 0);
    if (this.#weatherFor(who) === 'cut') {
      this.felt++;
      return void client.destroy();
    }
    const server = connect(targetPort, '127.0.0.1');
    const passage: Passage = { client, server, who };
    this.#passages.add(passage);
    const end = () => {
      this.#passages.delete(passage);
      endsOf(passage).forEach((socket) => socket.destroy());
    };
    for (const [from, to] of [[client, server], [server, client]] as const) {
      // What comes after a slow piece waits for it, also when the network is clear again.
      let before = Promise.resolve();
      from.on('data', (bytes) => {
        const arrives = this.#weatherFor(who) === 'slow' ? new Promise((resolve) => setTimeout(resolve, SLOW_MS)) : undefined;
        before = before.then(async () => {
          await arrives;
          // What was on its way when the connection was forgotten does not arrive.
          if (!this.#forgotten.has(passage)) to.write(bytes);
        });
      });
      from.on('close', end);
      from.on('error', () => (this.#forgotten.has(passage) ? undefined : end()));
    }
    if (this.#weatherFor(who) === 'silent') this.#strike(passage, 'silent');
  }
}
