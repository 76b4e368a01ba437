/** RDMA over Thunderbolt came with it. */
export const FIRST_RDMA_VERSION = '26.2'

/**
 * Whether this macOS has RDMA over Thunderbolt.
 *
 * @returns null for a version that is no version
 */
export function hasRdmaOverThunderbolt(osVersion: string): boolean | null {
  if (!/^\d+(\.\d+)*/.test(osVersion.trim())) return null
  return compareVersions(osVersion, FIRST_RDMA_VERSION) >= 0
}

/** Below 0 where `a` is older. Parts that are missing count as 0. */
export function compareVersions(a: string, b: string): number {
  const partsOf = (version: string): number[] => (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number)
  const [left, right] = [partsOf(a), partsOf(b)]
  const index = [...Array(Math.max(left.length, right.length)).keys()].find((part) => (left[part] ?? 0) !== (right[part] ?? 0))
  return index === undefined ? 0 : (left[index] ?? 0) - (right[index] ?? 0)
}
