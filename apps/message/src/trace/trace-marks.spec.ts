import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { MarkKind, notePublished, TraceMarks } from './trace-marks.js';

function marksFor(traceDays: Record<number, number>) {
  const written: { appId: number; conversationId: bigint; fromId: bigint; toId: bigint }[] = [];
  const pool = {
    query: async ({ values }: { values: unknown[][] }) => {
      values[0]!.forEach((appId, i) =>
        written.push({ appId: appId as number, conversationId: values[1]![i] as bigint, fromId: values[2]![i] as bigint, toId: values[3]![i] as bigint }),
      );
      return { rows: [] };
    },
  };
  const settings = { of: async (appId: number) => ({ traceDays: traceDays[appId] }) as never };
  return { marks: new TraceMarks(pool as unknown as Pool, settings), written };
}
const published = { kind: MarkKind.published, userId: 0n, resource: '' };

describe('marks for traces', () => {
  it('are one for each conversation, however many rows', async () => {
    const { marks, written } = marksFor({ 7: 3 });
    marks.noteRows([5n, 3n, 4n].map((id) => ({ appId: 7, conversationId: 1n, id })), published);
    await marks.flush();
    expect(written).toEqual([{ appId: 7, conversationId: 1n, fromId: 3n, toId: 5n }]);
  });

  it('are about messages alone', async () => {
    const { marks, written } = marksFor({ 7: 3 });
    const batch = [16, 64, 32_767].map((bodyType) => ({ appId: 7, conversationId: BigInt(bodyType), bodyType }));
    notePublished(marks, batch, [{ id: 1n }, { id: 2n }, undefined]);
    await marks.flush();
    expect(written.map((one) => one.conversationId)).toEqual([16n]);
  });

  it('are not kept for apps that want none, and never more than a bounded number', async () => {
    const { marks, written } = marksFor({ 7: 0, 8: 1 });
    for (let i = 0; i < 2_000; i++) marks.note({ appId: i % 2 === 0 ? 7 : 8, conversationId: 1n, fromId: 0n, toId: BigInt(i), ...published });
    await marks.flush();
    expect(written.length).toBe(250);
    expect(new Set(written.map((one) => one.appId))).toEqual(new Set([8]));
  });

  it('leave room for others beside what gateways wrote to devices', async () => {
    const { marks, written } = marksFor({ 7: 1 });
    const pushes = Array.from({ length: 400 }, (_, i) => ({ appId: 7, conversationId: 2n, fromId: 1n, toId: BigInt(i), userId: 1n, resource: 'phone', atMs: 5n }));
    marks.notePushes({ pushes });
    for (let i = 0; i < 400; i++) marks.note({ appId: 7, conversationId: 1n, fromId: 0n, toId: BigInt(i), ...published });
    await marks.flush();
    expect([1n, 2n].map((conversation) => written.filter((one) => one.conversationId === conversation).length)).toEqual([250, 250]);
    marks.notePushes({ pushes });
    await marks.flush();
    expect(written).toHaveLength(750);
  });

  it('are let go when they cannot be written', async () => {
    const marks = new TraceMarks({ query: async () => Promise.reject(new Error('away')) } as unknown as Pool, { of: async () => ({ traceDays: 1 }) as never });
    marks.note({ appId: 7, conversationId: 1n, fromId: 0n, toId: 1n, ...published });
    await expect(marks.flush()).resolves.toBeUndefined();
  });
});
