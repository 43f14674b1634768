import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What the network between clients and a gateway does at the moment. */
export type Weather = 'clear' | 'cut' | 'silent' | 'slow';

const SLOW_MS = 120;

/**
 * A network that misbehaves, in front of one server. `cut` ends all connections and refuses new ones; `silent` keeps them
 * open and lets nothing through until it is over; `slow` holds every piece back for a while, in order.
 */
export class FaultProxy {
  readonly #pairs = new Set<[Socket, Socket]>();
  #weather: Weather = 'clear';

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(targetPort: number): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.#join(client, targetPort));
    return proxy;
  }

  set(weather: Weather): void {
    this.#weather = weather;
    for (const pair of this.#pairs) {
      if (weather === 'cut') pair.forEach((socket) => socket.destroy());
      else pair.forEach((socket) => (weather === 'silent' ? socket.pause() : socket.resume()));
    }
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) pair.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket, targetPort: number): void {
    if (this.#weather === 'cut') return void client.destroy();
    const server = connect(targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      pair.forEach((socket) => socket.destroy());
    };
    for (const [from, to] of [pair, pair.toReversed() as [Socket, Socket]]) {
      // What comes after a slow piece waits for it, also when the network is clear again.
      let before = Promise.resolve();
      from.on('data', (bytes) => {
        const arrives = this.#weather === 'slow' ? new Promise((resolve) => setTimeout(resolve, SLOW_MS)) : undefined;
        before = before.then(async () => {
          await arrives;
          to.write(bytes);
        });
      });
      from.on('close', end);
      from.on('error', end);
    }
    if (this.#weather === 'silent') pair.forEach((socket) => socket.pause());
  }
}
