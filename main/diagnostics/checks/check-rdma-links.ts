import { rdmaObstacles } from '../../domain/thunderbolt/rdma-links.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Whether the Macs of the cluster reach each other by RDMA: all pairs, some (enough for a ring), or none, and why. */
export function checkRdmaLinks({ hardwareByNode }: DoctorFacts): Check[] {
  const check = checkOf('rdma-links', 'RDMA links')
  const macs = [...hardwareByNode].filter(([, { platform }]) => platform === 'darwin').map(([nodeId]) => nodeId)
  if (macs.length < 2) return []
  const pairs = macs.flatMap((a, index) => macs.slice(index + 1).map((b) => rdmaObstacles(hardwareByNode, a, b)))
  const missing = pairs.filter((obstacles) => obstacles.length > 0)
  if (missing.length === 0) return [check.ok(`full mesh of ${macs.length} Macs: JACCL can run between all of them`)]
  const reasons = [...new Set(missing.flat())]
  const shown = reasons.length > 6 ? [...reasons.slice(0, 6), `and ${reasons.length - 6} more`] : reasons
  const finding = `${pairs.length - missing.length} of ${pairs.length} pairs of Macs have RDMA: ${shown.join('; ')}`
  return [
    check.warning(
      finding,
      'fix the pairs listed; connect every pair by cable (up to 8 Macs) for a JACCL mesh, or all Macs in a ' +
        'ring for a JACCL ring; otherwise exo uses TCP',
    ),
  ]
}
