/** Removes the oldest entry if there are more than `most`. Callers move renewed entries to the end. */
export function keepLatest<Key>(kept: Map<Key, unknown> | Set<Key>, most: number): void {
  const oldest = kept.keys().next()
  if (kept.size > most && !oldest.done) kept.delete(oldest.value)
}
