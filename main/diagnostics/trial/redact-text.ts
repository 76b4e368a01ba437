import { blankAddresses } from '../../domain/mac/blank-identifiers.ts'

export interface Identifiers {
  /** Names of machines, clusters and their owner. */
  readonly names: readonly string[]
  readonly nodeIds: readonly string[]
  readonly homeFolder: string
}

const GROUPS = '[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*'
/** Only with `::` or eight groups, since times have colons too. */
const IPV6 = new RegExp(`(?<![\\w:])(?:(?:${GROUPS})?::(?:${GROUPS})?|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?![\\w:])`, 'gi')

/** A single letter is not a name. */
const LEAST_NAME_LENGTH = 2

/**
 * Removes what identifies machines and their owner from a text. Equal identifiers stay equal.
 *
 * @param pseudonym - at least 32 hexadecimal digits that do not reveal the identifier
 */
export function redactText(text: string, { names, nodeIds, homeFolder }: Identifiers, pseudonym: (identifier: string) => string): string {
  const short = (kind: string, identifier: string): string => `${kind}-${pseudonym(identifier).slice(0, 8)}`
  const longestFirst = (all: readonly string[]): string[] => [...new Set(all)].filter(Boolean).sort((a, b) => b.length - a.length)
  let redacted = homeFolder.length > 1 ? text.replaceAll(homeFolder, '~') : text
  for (const nodeId of longestFirst(nodeIds)) redacted = redacted.replaceAll(nodeId, short('node', nodeId))
  for (const name of longestFirst(names).filter(({ length }) => length >= LEAST_NAME_LENGTH)) {
    // A name inside a longer word is another word.
    redacted = redacted.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}])`, 'gu'), short('name', name))
  }
  const withoutIpv6 = redacted.replace(IPV6, (address) => (address === '::1' || address === '::' ? address : short('ipv6', address)))
  return blankAddresses(withoutIpv6, pseudonym)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
