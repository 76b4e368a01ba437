/** Fields whose entries are machines or clusters. */
const NAMED = new Set(['nodes', 'hardware', 'members', 'waiting', 'nearby', 'log'])
/** The name of every cluster until someone chooses one. */
const ORDINARY = new Set(['', 'default', 'localhost'])

/** The names of machines and clusters in a report, each once, in the order of their places. */
export function namesInReport(report: unknown): string[] {
  const names = new Set<string>()
  const walk = (value: unknown, parent: string, key: string): void => {
    if (typeof value === 'string') {
      const isName = key === 'clusterName' || (key === 'name' && NAMED.has(parent))
      if (isName && !ORDINARY.has(value)) names.add(value)
    } else if (Array.isArray(value)) for (const item of value) walk(item, parent, key)
    else if (typeof value === 'object' && value !== null) {
      // The entries of a collection by id are named by the collection.
      const place = NAMED.has(parent) && !NAMED.has(key) ? parent : key
      for (const [name, item] of Object.entries(value)) walk(item, name === 'name' ? place : key, name)
    }
  }
  walk(report, '', '')
  return [...names]
}
