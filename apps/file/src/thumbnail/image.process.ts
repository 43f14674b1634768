import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FileConfig } from '../config.js';
import type { ImageAnswer, ImageJob } from './image.worker.js';

const WORKER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/thumbnail/image.worker.js' : './image.worker.js', import.meta.url));
const IDLE_MS = 60_000;

/** The child that decodes images: started when needed, one job at a time, killed when it takes too long or too much. */
export class ImageProcess {
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(private readonly config: Pick<FileConfig, 'maxPixels' | 'thumbnailSeconds' | 'thumbnailMegabytes'>) {}

  /** Content type of the thumbnail in job.output; '' when none can be made. One call at a time. */
  async make(job: ImageJob): Promise<string> {
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    try {
      return await new Promise<string>((resolve) => {
        const late = setTimeout(() => child.kill('SIGKILL'), this.config.thumbnailSeconds * 1_000);
        const settle = (type: string) => {
          clearTimeout(late);
          child.removeAllListeners('message');
          child.removeAllListeners('exit');
          resolve(type);
        };
        child.once('message', (answer: ImageAnswer) => settle(answer.type));
        child.once('exit', () => {
          this.#child = undefined;
          settle('');
        });
        child.send(job, (error) => {
          if (error) child.kill('SIGKILL');
        });
      });
    } finally {
      this.#idle = setTimeout(() => this.stop(), IDLE_MS).unref();
    }
  }

  stop(): void {
    clearTimeout(this.#idle);
    this.#child?.removeAllListeners('exit');
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const { maxPixels, thumbnailSeconds, thumbnailMegabytes } = this.config;
    const child = fork(WORKER, [maxPixels, thumbnailSeconds, thumbnailMegabytes].map(String), {
      execArgv: ['--max-old-space-size=64'],
      // It needs none of the service's settings, least of all its secrets.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.unref();
    child.channel?.unref();
    child.on('error', () => undefined);
    return child;
  }
}
