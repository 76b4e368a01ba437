import { parseJsonOrNull } from '../../shared/formats/parse-json-or-null.ts'

/** A Thunderbolt controller of this Mac, which has one socket. */
export interface ThunderboltBus {
  readonly receptacle: string
  readonly domainUuid: string
  readonly gigabitsPerSecond: number | null
  /** The ids of all Macs in the device tree behind the socket; nearest first. */
  readonly peerDomainUuids: readonly string[]
}

export interface ThunderboltReport {
  /** `Mac Studio`; null if no bus names it. */
  readonly model: string | null
  readonly buses: readonly ThunderboltBus[]
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads `system_profiler SPThunderboltDataType -json`, given as text or as the parsed value. Buses without a uuid or a
 * socket are left out.
 *
 * @returns null if the text is not such a report
 */
export function parseSystemProfiler(report: unknown): ThunderboltReport | null {
  const fields = asFields(typeof report === 'string' ? parseJsonOrNull(report) : report)
  const entries = fields?.['SPThunderboltDataType']
  if (!Array.isArray(entries)) return null
  const buses = entries.map(asFields).filter((bus) => bus !== null)
  return {
    model: buses.map((bus) => textOf(bus['device_name_key'])).find((name) => name !== null) ?? null,
    buses: buses.flatMap(parseBus),
  }
}

function parseBus(bus: Fields): ThunderboltBus[] {
  const domainUuid = uuidOf(bus)
  const socket = receptaclesOf(bus).find((tag) => textOf(tag['receptacle_id_key']) !== null)
  const receptacle = textOf(socket?.['receptacle_id_key'])
  if (domainUuid === null || receptacle === null) return []
  const peers = uuidsBelow(bus).filter((uuid) => uuid !== domainUuid)
  return [{ receptacle, domainUuid, gigabitsPerSecond: parseSpeed(socket?.['current_speed_key']), peerDomainUuids: [...new Set(peers)] }]
}

function receptaclesOf(bus: Fields): Fields[] {
  return Object.keys(bus)
    .filter((key) => /^receptacle_\w+_tag$/.test(key))
    .map((key) => asFields(bus[key]))
    .filter((tag) => tag !== null)
}

/**
 * Breadth first, so that a Mac at the end of the cable comes before one behind a hub. A report cannot contain cycles,
 * and its size limits the search.
 */
function uuidsBelow(bus: Fields): string[] {
  const uuids: string[] = []
  let level: Fields[] = itemsOf(bus)
  while (level.length > 0) {
    uuids.push(...level.flatMap((item) => uuidOf(item) ?? []))
    level = level.flatMap((item) => itemsOf(item))
  }
  return uuids
}

function itemsOf(item: Fields): Fields[] {
  const items: unknown = item['_items']
  return Array.isArray(items) ? items.map(asFields).filter((entry) => entry !== null) : []
}

/** `Up to 80 Gb/s` -> 80; also `Bis zu 80 GBit/s`. Bytes, which French uses, are not matched. */
function parseSpeed(text: unknown): number | null {
  const match = typeof text === 'string' ? /(\d+(?:[.,]\d+)?)\s*[Gg](?:b|[Bb]it)(?=\W|ps|$)/.exec(text) : null
  return match ? Number(match[1]?.replace(',', '.')) : null
}

/** Converted to upper case, because different commands report the two ends of a cable. */
function uuidOf(fields: Fields): string | null {
  return textOf(fields['domain_uuid_key'])?.toUpperCase() ?? null
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  return text === '' ? null : text
}

function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}
