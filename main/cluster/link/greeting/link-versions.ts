/** Set when a test bundles the program as a future version. */
declare const EXO_LINK_VERSIONS_AHEAD: number | undefined

const AHEAD = typeof EXO_LINK_VERSIONS_AHEAD === 'number' ? EXO_LINK_VERSIONS_AHEAD : 0

/** The range of protocol versions that a node supports over links, from the oldest to its own. */
export interface LinkVersions {
  readonly min: number
  readonly max: number
}

/**
 * The version rises with each new field or message, and the previous one stays supported. Since 4, keys chosen by people
 * are proven by a key exchange; since 5, generations may restrict individual tokens, ranks report the cost of their
 * steps, placements reserve memory for a draft model, and samples may tell sensors. If older and newer nodes could not
 * understand each other at all, `min` rises too.
 */
export const LINK_VERSIONS: LinkVersions = { min: 4 + AHEAD, max: 5 + AHEAD }

/** A field that a simulated future version adds to its messages; null in real builds. */
export const FUTURE_FIELD: string | null = AHEAD > 0 ? 'sinceNextVersion' : null

/** The versions that a hello offers. Nodes before version 3 offered only one. */
export function versionsOf({
  protocol,
  versions,
}: {
  readonly protocol: number
  readonly versions?: LinkVersions | undefined
}): LinkVersions {
  return versions ?? { min: protocol, max: protocol }
}

/** The newest version that both support; null if there is none. */
export function agreedVersion(one: LinkVersions, other: LinkVersions): number | null {
  const newest = Math.min(one.max, other.max)
  return newest >= Math.max(one.min, other.min) ? newest : null
}
