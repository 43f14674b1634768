import { type Bus, requests } from '@parley/bus';
import { createLogger } from '@parley/telemetry';

const log = createLogger('gateway');
const EVERY_MS = 3_000;
const ANSWER_WITHIN_MS = 2_500;

/**
 * Tells the user service that this gateway lives. When it could not for too long, its sessions count as lost and others were
 * told so: then they are ended here, to be opened again.
 */
export class LeaseKeeper {
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  /** @param lost ends what sessions there are */
  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly gatewayId: string,
    private readonly lost: () => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.renew(), EVERY_MS);
    this.#timer.unref();
    void this.renew();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async renew(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { lost } = await this.bus.request(requests.renewLease, { gatewayId: this.gatewayId }, { timeoutMs: ANSWER_WITHIN_MS });
      if (!lost) return;
      log.warn('this gateway was given up: its sessions begin anew');
      this.lost();
    } catch (error) {
      log.debug({ err: error }, 'the lease could not be renewed');
    } finally {
      this.#asking = false;
    }
  }
}
