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
