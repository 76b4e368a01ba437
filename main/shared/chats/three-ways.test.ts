import { describe, expect, it } from 'vitest'
import { type RoleGroup, rolesSharing } from './three-ways.ts'

const group = (role: RoleGroup['role'], ...nodeIds: string[]): RoleGroup => ({ role, model: 'm', nodeIds, notice: null })

describe('rolesSharing', () => {
  it('names the roles with a machine in common, and none of a group that is disjoint', () => {
    const groups = [group('validator', 'a', 'b'), group('main', 'b', 'c'), group('speculative', 'd')]
    expect(groups.map(({ role }) => rolesSharing(groups, role))).toEqual([['main'], ['validator'], []])
  })
  it('knows nothing of a role that has no group yet', () => expect(rolesSharing([group('main', 'a')], 'validator')).toEqual([]))
})
