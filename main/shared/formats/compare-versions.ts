const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/

/**
 * Orders versions as Semantic Versioning 2 does: a pre-release is before its release, and what follows `+` does not count.
 *
 * @returns below 0 if `left` is older; null if one of them is not a version
 */
export function compareVersions(left: string, right: string): number | null {
  const [a, b] = [VERSION.exec(left), VERSION.exec(right)]
  if (!a || !b) return null
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part]) - Number(b[part])
    if (difference !== 0) return difference
  }
  return comparePreReleases(a[4], b[4])
}

function comparePreReleases(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0
  if (left === undefined) return 1
  if (right === undefined) return -1
  const [a, b] = [left.split('.'), right.split('.')]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = compareIdentifiers(a[index], b[index])
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers are before words, and a list that ends is before one that goes on. */
function compareIdentifiers(left: string | undefined, right: string | undefined): number {
  if (left === undefined) return -1
  if (right === undefined) return 1
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (isNumber && isOtherNumber) return Number(left) - Number(right)
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return left < right ? -1 : left > right ? 1 : 0
}
