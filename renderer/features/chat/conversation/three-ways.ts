import { z } from 'zod'
import { TrifurcatedRole } from '../../../../main/shared/wire/api/trifurcated.ts'

/** The placement of one of the three models. */
const RoleGroup = z.object({ role: TrifurcatedRole, model: z.string(), nodeIds: z.array(z.string()), notice: z.string().nullable() })
export type RoleGroup = z.infer<typeof RoleGroup>

/** What the two other models contributed to an answer: a draft and a verdict. */
export const ThreeWays = z.object({
  draft: z.string(),
  verdict: z.object({ verdict: z.enum(['safe', 'flagged', 'unknown']), reason: z.string() }).nullable(),
  groups: z.array(RoleGroup),
})
export type ThreeWays = z.infer<typeof ThreeWays>

export const NO_WAYS: ThreeWays = { draft: '', verdict: null, groups: [] }

/** The roles that share machines with this one. Empty: its group is disjoint. */
export function rolesSharing(groups: readonly RoleGroup[], role: TrifurcatedRole): TrifurcatedRole[] {
  const own = groups.find((group) => group.role === role)?.nodeIds ?? []
  return groups.filter((group) => group.role !== role && group.nodeIds.some((nodeId) => own.includes(nodeId))).map((group) => group.role)
}
