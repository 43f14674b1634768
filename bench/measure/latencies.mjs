/** Percentiles of what was recorded, in the unit it was recorded in. */
export class Latencies {
  #values = [];

  record(value) {
    this.#values.push(value);
  }

  get count() {
    return this.#values.length;
  }

  summary() {
    const sorted = Float64Array.from(this.#values).sort();
    const at = (q) => (sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]);
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
  }
}
