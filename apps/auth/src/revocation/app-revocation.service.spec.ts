import { expect, it } from '@jest/globals';
import { AppRevocationService } from './app-revocation.service.js';

const app = { appId: 7, tokenEpoch: 4 };
const prisma = { app: { updateManyAndReturn: async () => [app], findUnique: async () => app } };

it.each<[string, (service: AppRevocationService) => Promise<unknown>]>([
  ['the end of all app tokens', (service) => service.revoke(7)],
  ['the end of what the tokens of others were checked with', (service) => service.announce(7)],
])('%s is answered when the edges have been told, not before', async (_, end) => {
  const told: string[] = [];
  let allHaveHeard = (): void => undefined;
  const hearing = new Promise<void>((resolve) => (allHaveHeard = resolve));
  const bus = {
    tell: ({ subject }: { subject: string }) => {
      told.push(subject);
      return hearing;
    },
  };
  let answered = false;
  const answer = end(new AppRevocationService(prisma as never, {} as never, bus as never)).then(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  // In this order: a gateway that asks how the app stands has forgotten by then what it knew of such tokens.
  expect(told).toEqual(['ctl.revoked', 'ctl.app_changed']);
  expect(answered).toBe(false);
  allHaveHeard();
  await answer;
});
