/**
 * `solo`: no other member yet; `forming`: its members came together by its person's start of this machine, minutes ago;
 * `settled`: a cluster that stays what it is.
 */
export type Stage = 'solo' | 'forming' | 'settled'

/** The claims of a knocking node. Only its key is proven. */
export interface Standing {
  readonly stage: Stage
  readonly lineage: string
  readonly keyId: string
  /** A person started it, or sent it to this cluster, minutes ago. */
  readonly isJustStarted: boolean
  /** Its person has let the other in. */
  readonly hasAdmitted: boolean
}

/** This node's own knowledge about the other. */
export interface Ties {
  readonly isMember: boolean
  /** It was removed here. */
  readonly isRemoved: boolean
  /** This machine's person started exo, or joined, when the other was there; so it was asked for admission. */
  readonly isAsked: boolean
  /** It is at the other end of a direct cable. */
  readonly isOnCable: boolean
  /** No router is between the two. */
  readonly isNeighbour: boolean
  /** Since its person's last word this node has followed as many strangers as it may. */
  readonly hasFollowedEnough: boolean
}

/** `give`, `take`: the secret; `compare`: both are members and have different secrets; `wait`: for a person. */
export type AdmissionAct = 'give' | 'take' | 'compare' | 'wait'

/** What this node is ready to do about one with another secret. It happens where the other is ready for the counterpart. */
export function judgeNewcomer(own: Standing, other: Standing, ties: Ties): AdmissionAct {
  if (own.lineage === other.lineage) return ties.isMember || own.hasAdmitted ? 'compare' : 'wait'
  if (isGiver(own, other)) return mayGive(own, other, ties) ? 'give' : 'wait'
  return mayTake(own, other, ties) ? 'take' : 'wait'
}

/** Both sides come to the same: a settled cluster stays; of two alike the one whose person said so, else the older one. */
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
 * A node that takes another's secret is at the mercy of its members. A stranger's word is never enough: the person at this
 * machine has said so, or has just started it; and the other was just started too, or its person has let this one in.
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
