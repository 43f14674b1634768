import { describe, expect, it } from '@jest/globals';
import { type Bus, BusError } from '@parley/bus';
import { message } from '@parley/contracts';
import { Session } from '../session/session.js';
import type { PendingSend } from './pending-send.js';
import { SendPipeline } from './send-pipeline.js';

type Batch = message.SendBatchRequest;
type Answerer = (batch: Batch) => message.SendResult[] | BusError;

const stored = (id: bigint): message.SendResult => ({ error: '', errorDetail: '', serverId: id, timestampMs: 1n, metas: [] });
const refused = (error: string): message.SendResult => ({ error, errorDetail: '', serverId: 0n, timestampMs: 1n, metas: [] });

/** A message service that the test scripts, request by request; unscripted requests store everything. */
class Scene {
  readonly requests: bigint[][] = [];
  readonly answers: { id: bigint; error: string }[] = [];
  readonly script: Answerer[] = [];
  readonly pipeline: SendPipeline;

  constructor() {
    const bus = { request: async (_: unknown, batch: Batch) => this.#serve(batch) } as unknown as Bus;
    this.pipeline = new SendPipeline(bus, (_, send, result) => this.answers.push({ id: send.metaId, error: result.error }));
  }

  session(): Session {
    return new Session({ send: () => undefined, end: () => undefined, buffered: () => 0 }, Date.now());
  }

  send(session: Session, id: bigint, deadlineMs = Date.now() + 5_000, appId = 1): void {
    const item = message.SendItem.fromPartial({ tenant: { appId }, clientId: id, payload: Buffer.alloc(10) });
    const send: PendingSend = { item, metaId: id, deadlineMs, span: { traceparent: '', end: () => undefined } };
    this.pipeline.push(session, send);
  }

  async settle(): Promise<void> {
    while (this.pipeline.busy) await new Promise((resolve) => setImmediate(resolve));
  }

  #serve(batch: Batch): { results: message.SendResult[] } {
    this.requests.push(batch.items.map((item) => item.clientId));
    const answer = this.script.shift()?.(batch) ?? batch.items.map((item) => stored(item.clientId));
    if (answer instanceof BusError) throw answer;
    return { results: answer };
  }
}

describe('carrying messages to the message service', () => {
  it('puts what came in one round into one request, in the order of each session', async () => {
    const scene = new Scene();
    const [alice, bob] = [scene.session(), scene.session()];
    scene.send(alice, 1n);
    scene.send(bob, 10n);
    scene.send(alice, 2n);
    await scene.settle();
    expect(scene.requests).toEqual([[1n, 2n, 10n]]);
    expect(scene.answers.map((answer) => answer.id)).toEqual([1n, 2n, 10n]);
  });

  it('an app with many busy sessions leaves others their turn in every request', async () => {
    const scene = new Scene();
    for (let i = 1n; i <= 50n; i++) {
      const session = scene.session();
      for (let n = 0n; n < 20n; n++) scene.send(session, 1_000n * i + n, undefined, 1);
    }
    const quiet = Array.from({ length: 3 }, () => scene.session());
    quiet.forEach((session, i) => scene.send(session, BigInt(i), undefined, 2 + i));
    await scene.settle();
    expect(scene.requests[0]).toHaveLength(256);
    expect(scene.requests[0]).toEqual(expect.arrayContaining([0n, 1n, 2n]));
    expect(new Set(scene.answers.map(({ id }) => id)).size).toBe(1_003);
  });

  it('two busy apps have the same part of each request, and every session keeps its order', async () => {
    const scene = new Scene();
    const sessions = [1, 2].flatMap((appId) => Array.from({ length: appId === 1 ? 30 : 6 }, (_, i) => ({ appId, session: scene.session(), i: BigInt(i) })));
    for (const { appId, session, i } of sessions) for (let n = 0n; n < 40n; n++) scene.send(session, BigInt(appId) * 1_000_000n + i * 1_000n + n, undefined, appId);
    await scene.settle();
    expect(scene.requests[0]!.filter((id) => id >= 2_000_000n)).toHaveLength(128);
    for (const { appId, i } of sessions) {
      const own = scene.answers.map(({ id }) => id).filter((id) => id / 1_000n === BigInt(appId) * 1_000n + i);
      expect(own).toEqual(Array.from({ length: 40 }, (_, n) => BigInt(appId) * 1_000_000n + i * 1_000n + BigInt(n)));
    }
  });

  it('asks again when nobody answered, and lets nothing of that session overtake', async () => {
    const scene = new Scene();
    const alice = scene.session();
    scene.script.push(() => {
      scene.send(alice, 3n);
      return new BusError('timeout', 'send');
    });
    scene.send(alice, 1n);
    scene.send(alice, 2n);
    await scene.settle();
    expect(scene.requests).toEqual([[1n, 2n], [1n, 2n], [3n]]);
    expect(scene.answers).toEqual([1n, 2n, 3n].map((id) => ({ id, error: '' })));
  });

  it('tries again from the first message that could not be stored', async () => {
    const scene = new Scene();
    const alice = scene.session();
    scene.script.push(() => [stored(1n), refused('unavailable'), refused('unavailable')]);
    for (const id of [1n, 2n, 3n]) scene.send(alice, id);
    await scene.settle();
    expect(scene.requests).toEqual([[1n, 2n, 3n], [2n, 3n]]);
    expect(scene.answers.map((answer) => answer.error)).toEqual(['', '', '']);
  });

  it('does not try again what a later message of the session has passed: the sender is told', async () => {
    const scene = new Scene();
    const alice = scene.session();
    scene.script.push(() => [refused('unavailable'), stored(2n)]);
    scene.send(alice, 1n);
    scene.send(alice, 2n);
    await scene.settle();
    expect(scene.requests).toEqual([[1n, 2n]]);
    expect(scene.answers).toEqual([
      { id: 1n, error: 'unavailable' },
      { id: 2n, error: '' },
    ]);
  });

  it('gives up on what the client has given up on', async () => {
    const scene = new Scene();
    const alice = scene.session();
    scene.script.push(() => new BusError('unavailable', 'send'));
    scene.send(alice, 1n, Date.now() - 1);
    await scene.settle();
    expect(scene.answers).toEqual([{ id: 1n, error: 'unavailable' }]);
  });

  it('passes refusals on without trying again', async () => {
    const scene = new Scene();
    scene.script.push(() => [refused('recipient_not_found')]);
    scene.send(scene.session(), 1n);
    await scene.settle();
    expect(scene.requests).toHaveLength(1);
    expect(scene.answers).toEqual([{ id: 1n, error: 'recipient_not_found' }]);
  });
});
