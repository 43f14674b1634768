import { describe, expect, it } from '@jest/globals';
import { requests } from '@parley/bus';
import type { trace } from '@parley/contracts';
import { PushMarks } from './push-marks.js';

function marksFor(traceDays: Record<number, number>, answer: () => Promise<object> = async () => ({})) {
  const sent: trace.Push[][] = [];
  const request = async (subject: unknown, { pushes }: trace.NotePushesRequest) => {
    expect(subject).toBe(requests.notePushes);
    sent.push(pushes);
    return answer();
  };
  const settings = { peek: (appId: number) => ({ traceDays: traceDays[appId] }) as never };
  return { marks: new PushMarks({ request: request as never }, settings), sent };
}
const push = (appId: number, id: bigint) => ({ appId, userId: 1n, resource: 'phone', conversationId: 5n, fromId: id, toId: id });

describe('what was written to devices', () => {
  it('is told together, once, with its time', async () => {
    const { marks, sent } = marksFor({ 7: 3 });
    marks.note(push(7, 1n));
    marks.note(push(7, 2n));
    await marks.flush();
    await marks.flush();
    expect(sent).toEqual([[{ ...push(7, 1n), atMs: expect.any(BigInt) }, { ...push(7, 2n), atMs: expect.any(BigInt) }]]);
  });

  it('is not told for apps that keep no traces, and never more than a bounded number of times', async () => {
    const { marks, sent } = marksFor({ 7: 0, 8: 1 });
    for (let i = 0n; i < 1_000n; i++) marks.note(push(i % 2n === 0n ? 7 : 8, i));
    await marks.flush();
    expect(sent[0]).toHaveLength(250);
    expect(new Set(sent[0]!.map((one) => one.appId))).toEqual(new Set([8]));
  });

  it('is let go when it cannot be told', async () => {
    const { marks, sent } = marksFor({ 7: 3 }, async () => Promise.reject(new Error('away')));
    marks.note(push(7, 1n));
    await expect(marks.flush()).resolves.toBeUndefined();
    await marks.flush();
    expect(sent).toHaveLength(1);
  });
});
