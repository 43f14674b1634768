import { expect } from '@jest/globals';
import type { Platform, RestAnswer } from '@parley/testkit';

/** The error envelope: these keys, and nothing else but the number of the newer message errors. */
export function expectError(answer: RestAnswer, status: number, error: string, description: string | RegExp, errorCode?: number): void {
  const text = typeof description === 'string' ? description : expect.stringMatching(description);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      error,
      error_description: text,
      exception: expect.any(String),
      timestamp: expect.any(Number),
      duration: expect.any(Number),
      ...(errorCode === undefined ? {} : { error_code: errorCode }),
    },
  });
}

/** The envelope of a success: what every call has, and what this one has besides. */
export function expectEnvelope(platform: Platform, answer: RestAnswer, method: string, path: string, more: Record<string, unknown>): void {
  const { org, app } = platform.endpoints;
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    action: method,
    application: expect.stringMatching(/^[0-9a-f-]{36}$/),
    applicationName: app,
    organization: org,
    path,
    uri: expect.stringContaining(`/${org}/${app}${path}`),
    entities: [],
    timestamp: expect.any(Number),
    duration: expect.any(Number),
    ...more,
  });
  expect(Math.abs(answer.body.timestamp - Date.now())).toBeLessThan(60_000);
}
