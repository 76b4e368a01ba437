import { z } from 'zod'

const WayRole = z.enum(['validator', 'main', 'speculative'])
export type WayRole = z.infer<typeof WayRole>

/** The placement of one of the three models. */
const RoleGroup = z.object({
  role: WayRole,
  model: z.string().max(1024),
  nodeIds: z.array(z.string().max(128)).max(1024),
  notice: z.string().max(4_000).nullable(),
})
export type RoleGroup = z.infer<typeof RoleGroup>

/** What the two other models contributed to an answer: a draft and a verdict. */
export const ThreeWays = z.object({
  draft: z.string().max(12_000_000),
  verdict: z.object({ verdict: z.enum(['safe', 'flagged', 'unknown']), reason: z.string().max(100_000) }).nullable(),
  groups: z.array(RoleGroup).max(3),
})
export type ThreeWays = z.infer<typeof ThreeWays>

export const NO_WAYS: ThreeWays = { draft: '', verdict: null, groups: [] }

/** The roles that share machines with this one. Empty: its group is disjoint. */
export function rolesSharing(groups: readonly RoleGroup[], role: WayRole): WayRole[] {
  const own = groups.find((group) => group.role === role)?.nodeIds ?? []
  return groups.filter((group) => group.role !== role && group.nodeIds.some((nodeId) => own.includes(nodeId))).map((group) => group.role)
}
