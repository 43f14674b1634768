import { loadServiceConfig as apiConfig, start as startApi } from '@parley/api/start';
import { loadServiceConfig as authConfig, start as startAuth } from '@parley/auth/start';
import { shareLinks } from '@parley/bus';
import { loadServiceConfig as demoConfig, start as startDemo } from '@parley/demo/start';
import { loadServiceConfig as fileConfig, start as startFile } from '@parley/file/start';
import { loadServiceConfig as gatewayConfig, start as startGateway } from '@parley/gateway/start';
import { loadServiceConfig as messageConfig, start as startMessage } from '@parley/message/start';
import { type RunningService, shareServers } from '@parley/rpc';
import { loadServiceConfig as userConfig, start as startUser } from '@parley/user/start';
import { createLogger } from '@parley/telemetry';

const log = createLogger('standalone');

/**
 * Reads the settings of all services at once, so that a mistake in any of them shows before the first one starts.
 * @throws ConfigError
 */
export function loadServiceConfig(env: NodeJS.ProcessEnv = process.env) {
  return {
    auth: authConfig(env),
    user: userConfig(env),
    message: messageConfig(env),
    file: fileConfig(env),
    gateway: gatewayConfig(env),
    api: apiConfig(env),
    demo: demoConfig(env),
  };
}

export type StandaloneConfig = ReturnType<typeof loadServiceConfig>;

/**
 * All services in this process, in the order of their needs. They are the same services as in processes of their own
 * and speak over gRPC and NATS as there, but what would come straight back to this process does not leave it (ADR 69). If one
 * cannot start, those before it are stopped and its error is thrown.
 */
export async function start(config: StandaloneConfig): Promise<RunningService> {
  shareLinks('standalone');
  shareServers();
  const starters: (() => Promise<RunningService>)[] = [
    () => startAuth(config.auth),
    () => startUser(config.user),
    () => startMessage(config.message),
    () => startFile(config.file),
    () => startGateway(config.gateway),
    () => startApi(config.api),
    () => startDemo(config.demo),
  ];
  const running: RunningService[] = [];
  const stopAll = async () => {
    for (const service of running.toReversed()) {
      await service.stop().catch((error: unknown) => log.error({ err: error, service: service.name }, 'stop failed'));
    }
  };
  try {
    for (const startOne of starters) running.push(await startOne());
  } catch (error) {
    await stopAll();
    throw error;
  }
  log.info('all services are ready');
  let stopping: Promise<void> | undefined;
  return { name: 'standalone', stop: () => (stopping ??= stopAll()) };
}
