/** Forgets the oldest entry where one more than `most` has come. Callers put what is renewed at the end. */
export function keepLatest<Key>(kept: Map<Key, unknown> | Set<Key>, most: number): void {
  const oldest = kept.keys().next()
  if (kept.size > most && !oldest.done) kept.delete(oldest.value)
}
