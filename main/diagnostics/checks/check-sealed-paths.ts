import type { LinkView } from '../../shared/cluster-view.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const SHOWN = 4

/** Which paths between the nodes are encrypted, and why the other ones are trusted. */
export function checkSealedPaths({ cluster }: DoctorFacts): Check[] {
  const check = checkOf('sealed-paths', 'Encrypted paths')
  if (!cluster) return []
  const told = cluster.links.filter(({ sealed }) => sealed !== undefined)
  // MLX exchanges the addresses of the cables' ends over TCP, without authentication.
  const rdma = cluster.links.some(({ kind }) => kind === 'rdma') ? [sayPart('sealed-rdma')] : []
  if (told.length + rdma.length === 0) return []
  const open = told.filter(({ sealed }) => sealed === false)
  const exposed = open.filter((link) => !isTrusted(link))
  if (exposed.length > 0) {
    const addresses = [...new Set(exposed.map(({ address }) => address ?? ''))]
    const shown = addresses.slice(0, SHOWN).join(', ')
    const more = addresses.length - SHOWN
    return [
      check.warning(
        sayFinding('sealed-paths', {
          parts: [
            more > 0 ? sayPart('sealed-exposed-more', { addresses: shown, count: more }) : sayPart('sealed-exposed', { addresses: shown }),
            ...rdma,
          ],
        }),
        sayFinding('sealed-fix'),
      ),
    ]
  }
  const sealed = told.length - open.length
  const parts = [
    ...(sealed > 0 ? [sayPart('sealed-good', { count: sealed, total: told.length })] : []),
    ...(open.length > 0 ? [sayPart('sealed-direct', { count: open.length })] : []),
    ...rdma,
  ]
  return [check.ok(sayFinding('sealed-paths', { parts }))]
}

function isTrusted({ address, medium }: LinkView): boolean {
  return medium === 'thunderbolt' || address?.startsWith('127.') === true
}
