import { describe, expect, it } from '@jest/globals';
import { ID_EPOCH_MS } from '@parley/kernel';
import { BodyType, ContentType } from '@parley/msync';
import { isBeyondStorage, type RecallCase, refuseRecall } from './recall.rules.js';

const NOW = 1_800_000_000_000;
const secondsAgo = (seconds: number) => BigInt(NOW - seconds * 1_000 - ID_EPOCH_MS) << 22n;
const ALICE = 1n;
const BOB = 2n;
const text = { id: secondsAgo(10), senderId: ALICE, bodyType: BodyType.CHAT << 4, state: 0 };
const settings = { recallEnabled: true, recallWindowSeconds: 120 };
const judge = (more: Partial<RecallCase>) => refuseRecall({ message: text, by: ALICE, force: false, nowMs: NOW, settings, ...more });

describe('who may recall what, until when', () => {
  it('lets the sender, within the window', () => {
    expect(judge({})).toBeUndefined();
    expect(judge({ message: { ...text, id: secondsAgo(120) } })).toBeUndefined();
    expect(judge({ message: { ...text, id: secondsAgo(121) } })).toBe('recall_too_late');
  });

  it('lets nobody else but the tenant, who by force knows no window', () => {
    expect(judge({ by: BOB })).toBe('recall_not_permitted');
    expect(judge({ by: 'tenant' })).toBeUndefined();
    expect(judge({ by: 'tenant', message: { ...text, id: secondsAgo(500) } })).toBe('recall_too_late');
    expect(judge({ by: 'tenant', force: true, message: { ...text, id: secondsAgo(500) } })).toBeUndefined();
  });

  it('finds nothing in what is gone or is no message, and takes back no command', () => {
    expect(judge({ message: undefined })).toBe('recall_message_not_found');
    for (const state of [1, 2, 3]) expect(judge({ message: { ...text, state } })).toBe('recall_message_not_found');
    for (const type of [BodyType.READ_ACK, BodyType.RECALL, BodyType.EDIT]) {
      expect(judge({ message: { ...text, bodyType: type << 4 } })).toBe('recall_message_not_found');
    }
    expect(judge({ message: { ...text, bodyType: 32_767 } })).toBe('recall_message_not_found');
    expect(judge({ message: { ...text, bodyType: (BodyType.CHAT << 4) | ContentType.COMMAND } })).toBe('recall_not_permitted');
  });

  it('is off where the app says so, for the tenant too', () => {
    expect(judge({ by: 'tenant', force: true, settings: { ...settings, recallEnabled: false } })).toBe('recall_disabled');
  });

  it('knows what the server cannot have any more', () => {
    expect(isBeyondStorage(secondsAgo(8 * 86_400), NOW, 7)).toBe(true);
    expect(isBeyondStorage(secondsAgo(6 * 86_400), NOW, 7)).toBe(false);
    expect(isBeyondStorage(0n, NOW, 7)).toBe(false);
  });
});
