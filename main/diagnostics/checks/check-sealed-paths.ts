import type { LinkView } from '../../shared/cluster-view.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const SHOWN = 4
/** MLX exchanges the addresses of the cables' ends over TCP, without authentication. */
const TRUST_IN_RDMA = 'RDMA is not encrypted; exo trusts the direct cable, and the network over which its two ends find each other'

/** Which paths between the nodes are encrypted, and why the other ones are trusted. */
export function checkSealedPaths({ cluster }: DoctorFacts): Check[] {
  const check = checkOf('sealed-paths', 'Encrypted paths')
  if (!cluster) return []
  const told = cluster.links.filter(({ sealed }) => sealed !== undefined)
  const rdma = cluster.links.some(({ kind }) => kind === 'rdma') ? [TRUST_IN_RDMA] : []
  if (told.length + rdma.length === 0) return []
  const open = told.filter(({ sealed }) => sealed === false)
  const exposed = open.filter((link) => !isTrusted(link))
  if (exposed.length > 0) {
    const addresses = [...new Set(exposed.map(({ address }) => address ?? ''))]
    const shown = [...addresses.slice(0, SHOWN), ...(addresses.length > SHOWN ? [`and ${addresses.length - SHOWN} more`] : [])].join(', ')
    return [
      check.warning(
        [`anyone listening on the network can read prompts and answers over ${shown}`, ...rdma].join('; '),
        'start the nodes without --seal-ring never',
      ),
    ]
  }
  const sealed = told.length - open.length
  const parts = [
    ...(sealed > 0 ? [`${sealed} of ${told.length} paths between shards are encrypted`] : []),
    ...(open.length > 0 ? [`${open.length} over loopback or a direct Thunderbolt cable are not`] : []),
    ...rdma,
  ]
  return [check.ok(parts.join('; '))]
}

function isTrusted({ address, medium }: LinkView): boolean {
  return medium === 'thunderbolt' || address?.startsWith('127.') === true
}
