import { expect, it } from '@jest/globals';
import { LoginAdmission } from './login-admission.js';

const limits = { maxLoginsPerSecond: 10, maxLoginsOfAppPerSecond: 6 };
const admitted = (admission: LoginAdmission, app: string, tries: number) => Array.from({ length: tries }, () => admission.admit(app)).filter(Boolean).length;

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
