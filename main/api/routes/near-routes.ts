/** Longer paths are not typing errors and would take time to compare. */
const LONGEST_PATH = 200

/** The number of letters that differ (edit distance), computed with a table of one row at a time. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at]
    for (let to = 1; to <= right.length; to += 1) {
      const changed = (row[to - 1] ?? 0) + (left[at - 1] === right[to - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}

/** A sentence that names the routes most similar to `path`; empty if there are none. */
export function nearRoutes(path: string, routes: readonly string[]): string {
  if (path.length > LONGEST_PATH) return ''
  const last = path.split('/').findLast((segment) => segment !== '') ?? ''
  const near = routes
    .filter((route) => !/[*:]/.test(route) && route.length > 1)
    .map((route) => ({ route, far: route.endsWith(`/${last}`) ? 0 : distance(path, route) }))
    .filter(({ far }) => far <= 3)
    .sort((a, b) => a.far - b.far || a.route.length - b.route.length)
    .slice(0, 3)
  return near.length === 0 ? '' : ` Similar routes: ${near.map(({ route }) => route).join(', ')}.`
}
