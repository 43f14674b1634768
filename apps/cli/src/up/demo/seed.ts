import { auth } from '@parley/contracts';
import { rpcClient } from '@parley/rpc';
import { DEMO, type Endpoints } from '../endpoints.js';
import { untilTrue } from '../readiness.js';
import { RestClient, RestError } from './rest.client.js';

const RPC_DEADLINE_MS = 30_000;

/** Creates the demo organisation and app with the kept credentials, unless they exist. */
export async function ensureDemoApp(authRpc: string, client: { clientId: string; clientSecret: string }): Promise<void> {
  const rpc = rpcClient(auth.AuthServiceClient, authRpc);
  try {
    await rpc.ensureApp({ ...DEMO, ...client, openRegistration: true }, { deadlineMs: RPC_DEADLINE_MS });
  } finally {
    rpc.close();
  }
}

/**
 * Registers the demo users and proves that a message can be sent: an online-only command to one of them, which leaves
 * nothing behind. Repeats what fails for a passing reason until `signal` is aborted.
 * @throws RestError when the answer will not change by waiting
 */
export async function seedAndProbe(to: Endpoints, users: Readonly<Record<string, string>>, signal: AbortSignal, certFile?: string): Promise<void> {
  const rest = new RestClient(`${to.restUrl}/${to.org}/${to.app}`, certFile);
  const names = Object.keys(users);
  await persist(() => rest.logIn(to.clientId, to.clientSecret), signal);
  for (const name of names) await persist(() => ensureUser(rest, name, users[name]!), signal);
  await persist(() => rest.call('GET', `/users/${names[0]}`), signal);
  const probe = { from: names[1], to: [names[0]], type: 'cmd', body: { action: 'parley-ready' }, routetype: 'ROUTE_ONLINE' };
  await persist(() => rest.call('POST', '/messages/users', probe), signal);
}

async function ensureUser(rest: RestClient, username: string, password: string): Promise<void> {
  try {
    await rest.call('POST', '/users', [{ username, password }]);
  } catch (error) {
    if (!(error instanceof RestError && error.error === 'duplicate_unique_property_exists')) throw error;
    // The database may be older than the kept passwords (an external one, another home).
    await rest.call('POST', '/token', { grant_type: 'password', username, password }).catch(async (refused: unknown) => {
      if (!(refused instanceof RestError) || isPassing(refused)) throw refused;
      await rest.call('PUT', `/users/${username}/password`, { newpassword: password });
    });
  }
}

/** Repeats the action for as long as it fails for a passing reason. */
async function persist(action: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  let refused: RestError | undefined;
  await untilTrue(async () => {
    try {
      await action();
      return true;
    } catch (error) {
      refused = error instanceof RestError && !isPassing(error) ? error : undefined;
      return refused !== undefined;
    }
  }, signal);
  if (refused) throw refused;
}

/** Overload and services that are still coming up; all else is an answer. */
function isPassing(error: RestError): boolean {
  return error.status === 429 || error.status >= 500;
}
