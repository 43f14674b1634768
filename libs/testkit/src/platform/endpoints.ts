import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RestClient } from '../rest/rest.client.js';

/** Content of endpoints.json, as the supervisor writes it. */
export interface Endpoints {
  restUrl: string;
  gatewayUrl: string;
  gatewayUrls: string[];
  org: string;
  app: string;
  appKey: string;
  clientId: string;
  clientSecret: string;
  demoUrl: string;
  /** host:port of the auth service. */
  authRpc: string;
}

/** A running platform as tests see it. */
export interface Platform {
  readonly endpoints: Endpoints;
  /** Calls the demo app's REST API with its app token. */
  readonly rest: RestClient;
}

/** The file that names the platform to test. */
export const ENDPOINTS_VARIABLE = 'PARLEY_TEST_ENDPOINTS';

export function readEndpoints(file: string): Endpoints {
  return JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
}

/** How the operator of the platform under test signs in. */
export function operatorUnderTest(): { org: string; login: string; password: string } {
  return operatorOf(dirname(process.env[ENDPOINTS_VARIABLE] ?? ''));
}

/** The operator of the platform that has this home. */
export function operatorOf(home: string): { org: string; login: string; password: string } {
  return JSON.parse(readFileSync(join(home, 'operator.json'), 'utf8')) as ReturnType<typeof operatorOf>;
}

/** The platform that was started for this test run. @throws when the variable is not set */
export function platformUnderTest(): Platform {
  const file = process.env[ENDPOINTS_VARIABLE];
  if (!file) throw new Error(`${ENDPOINTS_VARIABLE} must name the endpoints.json of a running platform (tools/test.mjs starts one)`);
  const endpoints = readEndpoints(file);
  return { endpoints, rest: new RestClient(endpoints) };
}
