import { Membership } from '../../../../main/shared/wire/api/membership.ts'

/** The membership of a machine that is alone in its cluster, with some fields changed. */
export const membershipOf = (changes: Partial<Membership> = {}): Membership =>
  Membership.parse({
    clusterName: 'desk',
    hasKey: true,
    admission: 'members',
    closed: null,
    ownClusterName: 'studio-1',
    isSwitching: false,
    nearby: [],
    pairing: null,
    ...changes,
  })
