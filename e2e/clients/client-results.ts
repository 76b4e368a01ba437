import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from './client.ts'

/** The last run of a client: the versions of its packages, and for each flow the reason of its failure, or null. */
export interface ClientResult {
  readonly versions: Readonly<Record<string, string>>
  readonly flows: Readonly<Record<string, string | null>>
}

export type ClientResults = Readonly<Record<string, ClientResult>>

const FILE = join(import.meta.dirname, 'results.json')
const ENVIRONMENTS = join(import.meta.dirname, 'environments')
/** Enough of a failure to recognize it in the table. */
const REASON_CHARACTERS = 120

export const readClientResults = (): ClientResults =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, ClientResult>) : {}

/** Saves the results of the clients that ran, and keeps those of the others. */
export function saveClientResults(ran: ClientResults): void {
  const all = Object.entries({ ...readClientResults(), ...ran }).sort(([left], [right]) => (left < right ? -1 : 1))
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`)
}

/** The versions of a client's packages, which its environment pins. */
export function pinnedVersions({ environment: { kind, name }, packages, replays }: Client): Record<string, string> {
  if (replays) return { ...replays }
  const pins =
    kind === 'npm'
      ? (JSON.parse(readFileSync(join(ENVIRONMENTS, 'npm', name, 'package.json'), 'utf8')) as { dependencies: Record<string, string> })
          .dependencies
      : Object.fromEntries(
          readFileSync(join(ENVIRONMENTS, 'pypi', `${name}.txt`), 'utf8')
            .split('\n')
            .map((line) => line.split('==') as [string, string]),
        )
  return Object.fromEntries(packages.map((each) => [each, pins[each] ?? `${each} is not pinned`]))
}

/** The line of a failure that says what was wrong, in the form of Node or of Python. */
export function shortReason(failure: string): string {
  const lines = failure.trim().split('\n')
  return (lines.find((line) => /^[\w.]*(Error|Exception|Expired)\b|^no end/.test(line)) ?? lines[0] ?? '').slice(0, REASON_CHARACTERS)
}

/** A table in Markdown with a row per client. */
export function formatClientTable(clients: readonly Client[], results: ClientResults): string {
  const rows = clients.map(({ name }) => {
    const result = results[name]
    if (result === undefined) return `| ${name} | | | not run |`
    const versions = Object.entries(result.versions).map(([each, version]) => `${each} ${version}`)
    const failed = Object.entries(result.flows).filter((entry): entry is [string, string] => entry[1] !== null)
    const outcome =
      failed.length === 0 ? 'pass' : failed.map(([flow, reason]) => `${flow} fails: ${reason.replaceAll('|', '\\|')}`).join('; ')
    return `| ${name} | ${versions.join(', ')} | ${Object.keys(result.flows).join(', ')} | ${outcome} |`
  })
  return ['| client | packages | tested | result |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
