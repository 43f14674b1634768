import { expect, it } from '@jest/globals';
import { type Admitted, LoginAdmission } from './login-admission.js';

const limits = { maxLoginsPerSecond: 10, maxLoginsOfAppPerSecond: 6, maxFailedLoginsOfAddressPerSecond: 4 };
const tried = (admission: LoginAdmission, app: string, tries: number, address = '192.0.2.1') =>
  Array.from({ length: tries }, () => admission.admit(app, address)).filter((one): one is Admitted => one !== undefined);
const admitted = (...args: Parameters<typeof tried>) => tried(...args).length;
const failing = (admission: LoginAdmission, app: string, tries: number, address: string) => {
  let letIn = 0;
  for (let i = 0; i < tries; i++) {
    const one = admission.admit(app, address);
    if (one) letIn++;
    one?.failed();
  }
  return letIn;
};

it("a storm of one app leaves room for another's logins", () => {
  const admission = new LoginAdmission(limits, () => 1_000);
  expect(admitted(admission, 'storm#app', 1_000)).toBe(6);
  expect(admitted(admission, 'calm#app', 4)).toBe(4);
});

it('all together stay within what the gateway bears, and the next second begins anew', () => {
  let nowMs = 1_000;
  const admission = new LoginAdmission(limits, () => nowMs);
  expect(['a', 'b', 'c'].map((app) => admitted(admission, app, 6))).toEqual([6, 4, 0]);
  nowMs = 2_000;
  expect(admitted(admission, 'c', 6)).toBe(6);
});

it('whoever only names an app takes nothing from it, and is soon not listened to', () => {
  let nowMs = 1_000;
  const admission = new LoginAdmission(limits, () => nowMs);
  expect(failing(admission, 'demo#app', 1_000, '203.0.113.9')).toBe(4);
  expect(failing(admission, 'other#app', 1_000, '203.0.113.9')).toBe(0);
  expect(admitted(admission, 'demo#app', 10)).toBe(6);
  nowMs = 2_000;
  expect(admitted(admission, 'demo#app', 1, '203.0.113.9')).toBe(1);
});

it('many logins that succeed from one address are no failures', () => {
  const admission = new LoginAdmission({ ...limits, maxLoginsPerSecond: 1_000, maxLoginsOfAppPerSecond: 1_000 }, () => 1_000);
  expect(admitted(admission, 'demo#app', 500)).toBe(500);
});

it('a login that fails in a later second takes nothing from that one', () => {
  let nowMs = 1_000;
  const admission = new LoginAdmission(limits, () => nowMs);
  const late = tried(admission, 'demo#app', 6);
  nowMs = 2_000;
  expect(admitted(admission, 'demo#app', 6, '198.51.100.1')).toBe(6);
  for (const one of late) one.failed();
  expect(admitted(admission, 'demo#app', 1, '198.51.100.1')).toBe(0);
});
