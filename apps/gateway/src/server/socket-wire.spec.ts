import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Disconnect } from '../session/disconnect.js';
import { Outbox, type Socket, SocketWire } from './socket-wire.js';

/** A socket that writes down what it is asked. */
function given({ text = false, gone = (): boolean => false } = {}) {
  const calls: string[] = [];
  let corked = false;
  const socket = {
    getUserData: () => ({ session: undefined, text }),
    getBufferedAmount: () => 0,
    cork: (write: () => void) => {
      calls.push('cork');
      corked = true;
      write();
      corked = false;
    },
    send: (frame: Uint8Array | string) => {
      if (gone()) wire.detach();
      calls.push(`${corked ? '  ' : ''}${typeof frame === 'string' ? frame : Buffer.from(frame).toString()}`);
      return 1;
    },
    end: (code: number) => calls.push(`end ${code}`),
  };
  const wire: SocketWire = new SocketWire(socket as unknown as Socket, new Outbox());
  return { wire, calls, send: (...frames: string[]) => frames.forEach((frame) => wire.send(Buffer.from(frame))) };
}

describe('what a session sends', () => {
  it('in one turn of the event loop is one write, in its order', async () => {
    const { calls, send } = given();
    send('a', 'b');
    send('c');
    expect(calls).toEqual([]);
    await turn();
    expect(calls).toEqual(['cork', '  a', '  b', '  c']);
    send('d');
    await turn();
    expect(calls.slice(4)).toEqual(['d']);
  });

  it('goes out before the end that follows it', async () => {
    const { wire, calls, send } = given();
    send('notice');
    wire.end(Disconnect.kicked);
    await turn();
    expect(calls).toEqual(['notice', `end ${Disconnect.kicked.code}`]);
  });

  it('waits no longer when it is more than one write takes', () => {
    const { calls, send } = given();
    send('x'.repeat(20_000));
    expect(calls).toHaveLength(1);
  });

  it('is dropped with its socket, also in the middle of a write', async () => {
    const { wire, calls, send } = given({ gone: () => true });
    send('a', 'b');
    await turn();
    expect(calls).toEqual(['cork', '  a']);
    send('c');
    await turn();
    expect(calls).toHaveLength(2);
    expect(wire.buffered()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is base64 text for a client that speaks so', async () => {
    const { calls, send } = given({ text: true });
    send('hello');
    await turn();
    expect(calls).toEqual([Buffer.from('hello').toString('base64')]);
  });
});
