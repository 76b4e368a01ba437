/** The messages of OTLP in JSON. Source: opentelemetry-proto 1.x, "OTLP/HTTP: JSON Protobuf Encoding". */

export type OtlpValue = { readonly stringValue: string } | { readonly intValue: string } | { readonly doubleValue: number } | OtlpList
interface OtlpList {
  readonly arrayValue: { readonly values: readonly OtlpValue[] }
}

export interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

export type AttributeValue = string | number | readonly string[] | null | undefined

/** Attributes without a value are left out. */
export function otlpAttributes(values: Readonly<Record<string, AttributeValue>>): OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) => (value === null || value === undefined ? [] : [{ key, value: toValue(value) }]))
}

function toValue(value: NonNullable<AttributeValue>): OtlpValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } }
}

/** Nanoseconds since 1970, in decimal. */
export function nanosOf(epochMs: number): string {
  return (BigInt(Math.round(epochMs * 1000)) * 1000n).toString()
}

export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1: internal; 2: server. */
  readonly kind: 1 | 2
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  /** 1: ok; 2: error. */
  readonly status: { readonly code?: 1 | 2; readonly message?: string }
}
