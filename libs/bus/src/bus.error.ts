import { errors } from '@nats-io/transport-node';

/** `unavailable`: nobody serves the subject now. `timeout`: no answer in time; whether it was carried out is unknown. */
export class BusError extends Error {
  constructor(
    readonly kind: 'unavailable' | 'timeout' | 'remote' | 'closed',
    subject: string,
    options?: ErrorOptions,
  ) {
    super(`${subject}: ${kind}`, options);
    this.name = 'BusError';
  }
}

/** What the library throws, as what the bus throws. */
export function toBusError(subject: string, error: unknown): BusError {
  if (error instanceof BusError) return error;
  if (error instanceof errors.NoRespondersError) return new BusError('unavailable', subject, { cause: error });
  if (error instanceof errors.RequestError && error.isNoResponders()) return new BusError('unavailable', subject, { cause: error });
  if (error instanceof errors.TimeoutError) return new BusError('timeout', subject, { cause: error });
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return new BusError('closed', subject, { cause: error });
  }
  return new BusError('timeout', subject, { cause: error });
}
