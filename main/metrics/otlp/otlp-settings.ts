import { AppError } from '../../shared/app-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where one kind of data goes. */
export interface OtlpTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** What is sent to a collector of OpenTelemetry, and how often. */
export interface OtlpSettings {
  /** null: no traces. */
  readonly traces: OtlpTarget | null
  readonly metrics: OtlpTarget | null
  /** The share of requests whose traces are sent: 0 to 1. */
  readonly sampledRatio: number
  readonly traceDelayMs: number
  readonly metricIntervalMs: number
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
}

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * The settings from the environment, with the names and defaults of OpenTelemetry's specification ("OpenTelemetry Environment Variable
 * Specification" and "OpenTelemetry Protocol Exporter"). It is off without an endpoint.
 *
 * @param endpoint - the node's own setting, which goes before the environment's; null: none
 * @returns null: nothing is sent
 * @throws AppError `setting-invalid` that names the variable
 */
export function readOtlpSettings(environment: Environment, endpoint: string | null): OtlpSettings | null {
  if (isTrue(environment['OTEL_SDK_DISABLED'])) return null
  const traces = targetOf('TRACES', '/v1/traces', environment, endpoint)
  const metrics = targetOf('METRICS', '/v1/metrics', environment, endpoint)
  if (!traces && !metrics) return null
  const { 'service.name': named, ...resource } = pairs('OTEL_RESOURCE_ATTRIBUTES', environment)
  return {
    traces,
    metrics,
    sampledRatio: sampledRatioOf(environment),
    traceDelayMs: wholeNumber('OTEL_BSP_SCHEDULE_DELAY', environment, 5_000),
    metricIntervalMs: wholeNumber('OTEL_METRIC_EXPORT_INTERVAL', environment, 60_000),
    serviceName: present(environment['OTEL_SERVICE_NAME']) ?? named ?? 'exo',
    resource,
  }
}

function targetOf(kind: 'TRACES' | 'METRICS', path: string, environment: Environment, endpoint: string | null): OtlpTarget | null {
  const exporter = present(environment[`OTEL_${kind}_EXPORTER`]) ?? 'otlp'
  const isSent = exporter
    .split(',')
    .map((name) => name.trim())
    .includes('otlp')
  const own = present(environment[`OTEL_EXPORTER_OTLP_${kind}_ENDPOINT`])
  const common = endpoint ?? present(environment['OTEL_EXPORTER_OTLP_ENDPOINT'])
  if (!isSent || (own === undefined && common === undefined)) return null
  const name = `OTEL_EXPORTER_OTLP_${kind}_PROTOCOL`
  const protocol = present(environment[name]) ?? present(environment['OTEL_EXPORTER_OTLP_PROTOCOL'])
  if (protocol !== undefined && protocol !== 'http/json' && protocol !== 'http/protobuf')
    throw invalid(name, `exo sends http/json, not ${protocol}. Use the port of your collector for HTTP, usually 4318.`)
  // The endpoint of one kind is used as it is; to the common one, the kind's path is added.
  const url = own !== undefined && endpoint === null ? own : `${(common ?? '').replace(/\/+$/, '')}${path}`
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw invalid('OTEL_EXPORTER_OTLP_ENDPOINT', `${url} is not an address such as http://127.0.0.1:4318.`)
  return {
    url,
    headers: {
      ...pairs('OTEL_EXPORTER_OTLP_HEADERS', environment),
      ...pairs(`OTEL_EXPORTER_OTLP_${kind}_HEADERS`, environment),
    },
    timeoutMs: wholeNumber(
      `OTEL_EXPORTER_OTLP_${kind}_TIMEOUT`,
      environment,
      wholeNumber('OTEL_EXPORTER_OTLP_TIMEOUT', environment, DEFAULT_TIMEOUT_MS),
    ),
  }
}

function sampledRatioOf(environment: Environment): number {
  const sampler = present(environment['OTEL_TRACES_SAMPLER'])?.replace(/^parentbased_/, '') ?? 'always_on'
  if (sampler === 'always_on') return 1
  if (sampler === 'always_off') return 0
  if (sampler !== 'traceidratio') throw invalid('OTEL_TRACES_SAMPLER', `${sampler} is none of always_on, always_off and traceidratio.`)
  const ratio = Number(present(environment['OTEL_TRACES_SAMPLER_ARG']) ?? 1)
  if (!(ratio >= 0 && ratio <= 1)) throw invalid('OTEL_TRACES_SAMPLER_ARG', 'it must be a number from 0 to 1.')
  return ratio
}

/** `a=1,b=2`, with percent-encoded values, as in the header Baggage. */
function pairs(name: string, environment: Environment): Record<string, string> {
  const entries = (present(environment[name]) ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const at = part.indexOf('=')
      if (at < 1) throw invalid(name, 'it must be a list such as name=value,other=value.')
      return [decoded(name, part.slice(0, at).trim()), decoded(name, part.slice(at + 1).trim())] as const
    })
  return Object.fromEntries(entries)
}

function decoded(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(name, 'a % must be followed by two hexadecimal digits.')
  }
}

function wholeNumber(name: string, environment: Environment, fallback: number): number {
  const text = present(environment[name])
  if (text === undefined) return fallback
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw invalid(name, 'it must be a number of milliseconds above 0.')
  return Number(text)
}

/** An empty variable counts as absent. */
function present(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim()
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true'
}

function invalid(name: string, reason: string): AppError {
  return new AppError('setting-invalid', `${name} is invalid: ${reason}`, { name })
}
