import { describe, expect, it } from 'vitest'
import { readOtlpSettings } from './otlp-settings.ts'

const COLLECTOR = 'http://collector.example:4318'

describe('the settings of OpenTelemetry', () => {
  it.each([
    ['nothing is set', {}],
    ['variables are empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['the SDK is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_SDK_DISABLED: 'true' }],
    ['both exporters are off', { OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
  ])('are off if %s', (_, environment) => expect(readOtlpSettings(environment, null)).toBeNull())

  it('have the defaults of the specification', () => {
    expect(readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: `${COLLECTOR}/` }, null)).toEqual({
      traces: { url: `${COLLECTOR}/v1/traces`, headers: {}, timeoutMs: 10_000 },
      metrics: { url: `${COLLECTOR}/v1/metrics`, headers: {}, timeoutMs: 10_000 },
      sampledRatio: 1,
      traceDelayMs: 5_000,
      metricIntervalMs: 60_000,
      serviceName: 'exo',
      resource: {},
    })
  })

  it('take every variable, and the own setting before the address of the environment', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other.example',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in?a=1',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, tenant=a',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'tenant=b',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '700',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '60',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=desk,deployment.environment=home',
    }
    expect(readOtlpSettings(environment, null)).toEqual({
      traces: { url: 'https://traces.example/in?a=1', headers: { authorization: 'Bearer x', tenant: 'b' }, timeoutMs: 500 },
      metrics: { url: 'http://other.example/v1/metrics', headers: { authorization: 'Bearer x', tenant: 'a' }, timeoutMs: 700 },
      sampledRatio: 0.25,
      traceDelayMs: 50,
      metricIntervalMs: 60,
      serviceName: 'desk',
      resource: { 'deployment.environment': 'home' },
    })
    expect(readOtlpSettings(environment, COLLECTOR)?.traces?.url).toBe(`${COLLECTOR}/v1/traces`)
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', '4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'not an address'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'token', 'name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%zz', 'hexadecimal'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'soon', 'milliseconds'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'always_on'],
  ])('refuse %s=%s', (name, value, reason) => {
    expect(() => readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR, [name]: value }, null)).toThrow(
      expect.objectContaining({ code: 'setting-invalid', message: expect.stringContaining(reason) }),
    )
  })
})
