/**
 * `solo`: no other member yet; `forming`: a person started this machine minutes ago, and its members have joined since;
 * `settled`: the cluster does not merge into another.
 */
export type Stage = 'solo' | 'forming' | 'settled'

/** The claims of a knocking node. Only its key is proven. */
export interface Standing {
  readonly stage: Stage
  readonly lineage: string
  readonly keyId: string
  /** A person started it, or made it join this cluster, minutes ago. */
  readonly isJustStarted: boolean
  /** The person at this node has admitted the other one. */
  readonly hasAdmitted: boolean
}

/** This node's own knowledge about the other one. */
export interface Ties {
  readonly isMember: boolean
  /** It was removed here. */
  readonly isRemoved: boolean
  /** The person at this machine started exo, or joined a cluster, while the other one was there, so that one was asked for admission. */
  readonly isAsked: boolean
  /** It is at the other end of a direct cable. */
  readonly isOnCable: boolean
  /** There is no router between the two. */
  readonly isNeighbour: boolean
  /** This node has followed the maximum number of unknown machines since its person last acted. */
  readonly hasFollowedEnough: boolean
}

/** `give`, `take`: the secret; `compare`: both are members and have different secrets; `wait`: for a person. */
export type AdmissionAct = 'give' | 'take' | 'compare' | 'wait'

/** What this node is ready to do for a node with another secret. It happens if the other is ready for the counterpart. */
export function judgeNewcomer(own: Standing, other: Standing, ties: Ties): AdmissionAct {
  if (own.lineage === other.lineage) return ties.isMember || own.hasAdmitted ? 'compare' : 'wait'
  if (isGiver(own, other)) return mayGive(own, other, ties) ? 'give' : 'wait'
  return mayTake(own, other, ties) ? 'take' : 'wait'
}

/**
 * Both sides reach the same result: a settled cluster stays. Of two in the same stage, the one whose person has
 * admitted the other stays, or else the older one.
 */
export function isGiver(own: Standing, other: Standing): boolean {
  const isSettled = own.stage === 'settled'
  if (isSettled !== (other.stage === 'settled')) return isSettled
  if (own.hasAdmitted !== other.hasAdmitted) return own.hasAdmitted
  return own.lineage < other.lineage
}

function mayGive(own: Standing, other: Standing, { isMember, isRemoved, isOnCable, isNeighbour }: Ties): boolean {
  if (own.hasAdmitted || isMember) return true
  return !isRemoved && (isOnCable || (isNeighbour && own.isJustStarted && other.isJustStarted))
}

/**
 * A node that takes another's secret trusts the members of that cluster. The claims of an unknown node are never
 * enough: the person at this machine must have admitted it or just started this machine, and the other must also have
 * just been started, or its person must have admitted this one.
 */
function mayTake(
  own: Standing,
  other: Standing,
  { isMember, isRemoved, isAsked, isOnCable, isNeighbour, hasFollowedEnough }: Ties,
): boolean {
  if (own.hasAdmitted) return true
  if (own.stage === 'settled' || isRemoved) return false
  if (isMember || isOnCable) return true
  if (!isNeighbour || hasFollowedEnough || !(own.isJustStarted || isAsked)) return false
  return other.hasAdmitted || (own.isJustStarted && other.isJustStarted)
}
