import { expect, it } from '@jest/globals';
import type { revocation } from '@parley/contracts';
import { RevocationService } from './revocation.service.js';

const [appId, userId] = [7, 41n];

it.each<[string, (service: RevocationService) => Promise<unknown>, Partial<revocation.Revocation>]>([
  ['a revocation', (service) => service.revoke({ appId } as never, userId, 'passwordChanged'), { epoch: 4, operation: 3 }],
  ['a deletion', (service) => service.announceGone([{ appId, userId }]), { operation: 1 }],
])('%s is answered when the edges have been told, not before', async (_, end, told) => {
  const heard: revocation.Revocation[] = [];
  let allHaveHeard = (): void => undefined;
  const hearing = new Promise<void>((resolve) => (allHaveHeard = resolve));
  const bus = {
    tell: (_subject: never, { revocations }: revocation.Revocations) => {
      heard.push(...revocations);
      return hearing;
    },
  };
  let answered = false;
  const answer = end(new RevocationService({ revoke: async () => ({ appId, tokenEpoch: 4 }) } as never, bus as never)).then(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([expect.objectContaining({ appId, userId, ...told })]);
  expect(answered).toBe(false);
  allHaveHeard();
  await answer;
});
