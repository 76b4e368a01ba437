import * as sizes from '../../main/shared/formats/byte-size.ts'
import { language } from './language.ts'
import { strings } from './strings.ts'

/** A number with the decimal sign of the language of the page. */
const decimal = (text: string): string => (language === 'de' ? text.replace('.', ',') : text)

/** `1.5 GB`, as hubs write sizes of files. */
export const bytesText = (bytes: number): string => decimal(sizes.formatBytes(bytes))

/** `512 GiB`, as Macs are sold. */
export const memoryText = (bytes: number): string => decimal(sizes.formatMemory(bytes))

/** Formats a duration: `850 ms`, `1.3 s`, `2 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return '<1 ms'
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`
  if (durationMs < 60_000) return decimal(`${(durationMs / 1000).toFixed(1)} s`)
  return `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1000)} s`
}

/** Formats a wait, without figures that change all the time: `12 s`, `4 min`, `2.5 h`. */
export function formatWait(durationMs: number): string {
  if (durationMs >= 7_200_000) return decimal(`${Number((durationMs / 3_600_000).toFixed(1))} h`)
  return durationMs < 60_000 ? `${Math.max(1, Math.round(durationMs / 1000))} s` : `${Math.round(durationMs / 60_000)} min`
}

export function formatRoundTrip(roundTripMs: number | null): string {
  if (roundTripMs === null) return '–'
  return roundTripMs < 1 ? `${Math.round(roundTripMs * 1000)} µs` : decimal(`${roundTripMs.toFixed(1)} ms`)
}

export function formatRate(tokensPerSecond: number | null): string {
  if (tokensPerSecond === null) return '–'
  return tokensPerSecond >= 100 ? tokensPerSecond.toFixed(0) : decimal(tokensPerSecond.toFixed(1))
}

/** The ends of a predicted range, with a decimal only where it says something: `18` and `25`, `1.8` and `2.5`. */
export function rangeEnds({ low, high }: { readonly low: number; readonly high: number }): [low: string, high: string] {
  const digits = high < 10 ? 1 : 0
  return [decimal(low.toFixed(digits)), decimal(high.toFixed(digits))]
}

/** A number of tokens as models are described with: `8K`, `128K`, `1M`. */
export function formatContext(tokens: number): string {
  const thousands = tokens / 1024
  if (thousands >= 1024) return decimal(`${Number((thousands / 1024).toFixed(1))}M`)
  return thousands >= 1 ? `${Math.round(thousands)}K` : `${tokens}`
}

/** A large number, shortened: `12K`, `3.4M`. */
export const formatCompact = (count: number): string => new Intl.NumberFormat(language, { notation: 'compact' }).format(count)

export const formatCount = (count: number): string => count.toLocaleString(language)

const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat(language, { weekday: 'long', month: 'long', day: 'numeric' })

/** `14:05`. @param atMs - milliseconds since 1970 */
export const formatClock = (atMs: number): string => clock.format(atMs)

/** `Monday, November 30`. @param atMs - milliseconds since 1970 */
export const formatDay = (atMs: number): string => day.format(atMs)

/** The last part of a model's id or path, which is what people call it. */
export function shortModelName(modelId: string): string {
  return modelId.split('/').filter(Boolean).at(-1) ?? modelId
}

/** An operating system as people call it. @param platform - Node's name for it */
export const systemName = (platform: string): string => strings.systems[platform] ?? platform
