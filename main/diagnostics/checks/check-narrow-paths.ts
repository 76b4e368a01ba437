import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const SHOWN = 4

/** Paths that carry heartbeats but lose a model's larger packets, usually because of two different MTUs along the path. */
export function checkNarrowPaths({ cluster }: DoctorFacts): Check[] {
  const narrow = cluster?.narrowPaths ?? []
  if (!cluster || narrow.length === 0) return []
  const name = (nodeId: (typeof narrow)[number]['from']): string => cluster.nodes[nodeId]?.name ?? nodeId
  const shown = narrow.slice(0, SHOWN).map(({ from, to, address }) => `from ${name(from)} to ${name(to)} at ${address}`)
  const more = narrow.length > SHOWN ? `, and ${narrow.length - SHOWN} more` : ''
  return [
    checkOf('narrow-paths', 'Large packets').warning(
      `lost ${shown.join(', ')}${more}: exo does not split models over this path`,
      'set the same MTU on the interfaces at both ends and on the switch or bridge between them; a VPN ' +
        'needs a smaller MTU than the network below it',
    ),
  ]
}
