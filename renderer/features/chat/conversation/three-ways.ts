import { z } from 'zod'
import { TrifurcatedRole } from '../../../../main/shared/wire/api/trifurcated.ts'

/** Where one of the three models runs. */
const RoleGroup = z.object({ role: TrifurcatedRole, model: z.string(), nodeIds: z.array(z.string()), notice: z.string().nullable() })
export type RoleGroup = z.infer<typeof RoleGroup>

/** What two more models said about an answer: the draft of one, the verdict of the other. */
export const ThreeWays = z.object({
  draft: z.string(),
  verdict: z.object({ verdict: z.enum(['safe', 'flagged', 'unknown']), reason: z.string() }).nullable(),
  groups: z.array(RoleGroup),
})
export type ThreeWays = z.infer<typeof ThreeWays>

export const NO_WAYS: ThreeWays = { draft: '', verdict: null, groups: [] }

/** The roles that run on some of the same machines as this one; none: its group is disjoint. */
export function rolesSharing(groups: readonly RoleGroup[], role: TrifurcatedRole): TrifurcatedRole[] {
  const own = groups.find((group) => group.role === role)?.nodeIds ?? []
  return groups.filter((group) => group.role !== role && group.nodeIds.some((nodeId) => own.includes(nodeId))).map((group) => group.role)
}
