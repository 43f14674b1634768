/**
 * Starts OpenTelemetry when an OTLP endpoint is set (OTEL_EXPORTER_OTLP_ENDPOINT), else does nothing and loads nothing.
 * Spans are made by hand: auto-instrumentation does not hook ESM reliably. The SDK reads the standard OTEL_* variables.
 * @returns a function that flushes and ends the export.
 */
export async function startTelemetry(service: string): Promise<() => Promise<void>> {
  if (!process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) return async () => {};
  process.env['OTEL_TRACES_EXPORTER'] ??= 'otlp';
  process.env['OTEL_METRICS_EXPORTER'] ??= 'otlp';
  process.env['OTEL_LOGS_EXPORTER'] ??= 'none';
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: `parley-${service}` });
  sdk.start();
  return () => sdk.shutdown();
}
