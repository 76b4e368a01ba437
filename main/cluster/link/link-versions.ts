/** Set where a test bundles the program as a version of the future. */
declare const EXO_LINK_VERSIONS_AHEAD: number | undefined

const AHEAD = typeof EXO_LINK_VERSIONS_AHEAD === 'number' ? EXO_LINK_VERSIONS_AHEAD : 0

/** The versions of what nodes say over links, from the oldest that a node serves to its own. */
export interface LinkVersions {
  readonly min: number
  readonly max: number
}

/**
 * A version is raised with each new field or message; the one before is served on. Since 3, nodes leave out what they do not
 * know. Where nodes of before and after could not understand each other at all, `min` is raised, too.
 */
export const LINK_VERSIONS: LinkVersions = { min: 2 + AHEAD, max: 3 + AHEAD }

/** A field that a version of the future adds to what it says; null: this is none. */
export const FUTURE_FIELD: string | null = AHEAD > 0 ? 'sinceNextVersion' : null

/** The versions of a node that says hello; before 3, nodes named one. */
export function versionsOf({ protocol, versions }: { readonly protocol: number; readonly versions?: LinkVersions | undefined }): LinkVersions {
  return versions ?? { min: protocol, max: protocol }
}

/** The newest version that both speak; null: there is none. */
export function agreedVersion(one: LinkVersions, other: LinkVersions): number | null {
  const newest = Math.min(one.max, other.max)
  return newest >= Math.max(one.min, other.min) ? newest : null
}
