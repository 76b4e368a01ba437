import { rdmaObstacles } from '../../domain/thunderbolt/rdma-links.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const SHOWN = 6

/** Whether the Macs of the cluster reach each other by RDMA: all pairs, some (enough for a ring), or none, and why. */
export function checkRdmaLinks({ hardwareByNode }: DoctorFacts): Check[] {
  const check = checkOf('rdma-links', 'RDMA links')
  const macs = [...hardwareByNode].filter(([, { platform }]) => platform === 'darwin').map(([nodeId]) => nodeId)
  if (macs.length < 2) return []
  const pairs = macs.flatMap((a, index) => macs.slice(index + 1).map((b) => rdmaObstacles(hardwareByNode, a, b)))
  const missing = pairs.filter((obstacles) => obstacles.length > 0)
  if (missing.length === 0) return [check.ok(sayFinding('rdma-links-good', { count: macs.length }))]
  const reasons = [...new Set(missing.flat())]
  const shown = reasons.slice(0, SHOWN).map((reason) => sayPart('reason', { reason }))
  const more = reasons.length > SHOWN ? [sayPart('more', { count: reasons.length - SHOWN })] : []
  return [
    check.warning(
      sayFinding('rdma-links-some', { count: pairs.length - missing.length, total: pairs.length, reasons: [...shown, ...more] }),
      sayFinding('rdma-links-fix'),
    ),
  ]
}
