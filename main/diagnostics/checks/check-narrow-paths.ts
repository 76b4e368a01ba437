import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const SHOWN = 4

/** Paths that carry heartbeats but lose a model's larger packets, usually because of two different MTUs along the path. */
export function checkNarrowPaths({ cluster }: DoctorFacts): Check[] {
  const narrow = cluster?.narrowPaths ?? []
  if (!cluster || narrow.length === 0) return []
  const name = (nodeId: (typeof narrow)[number]['from']): string => cluster.nodes[nodeId]?.name ?? nodeId
  const shown = narrow.slice(0, SHOWN).map(({ from, to, address }) => sayPart('narrow-path', { from: name(from), to: name(to), address }))
  const more = narrow.length > SHOWN ? [sayPart('more', { count: narrow.length - SHOWN })] : []
  return [
    checkOf('narrow-paths', 'Large packets').warning(
      sayFinding('narrow-paths', { paths: [...shown, ...more] }),
      sayFinding('narrow-paths-fix'),
    ),
  ]
}
