/**
 * Splits layers in proportion to `shares`: at least one each, and none above its capacity. What a proportional split
 * would put above a capacity goes where there is room, so a split is found whenever one exists.
 *
 * @param shares - such as free bytes; only their proportions matter
 * @param capacities - whole layers that each place can hold
 * @returns layers per place; null when no split exists
 */
export function assignLayers(layers: number, shares: readonly number[], capacities: readonly number[]): number[] | null {
  const places = shares.length
  const room = capacities.reduce((sum, capacity) => sum + Math.min(capacity, layers), 0)
  if (places === 0 || layers < places || room < layers || capacities.some((capacity) => capacity < 1)) return null

  const total = shares.reduce((sum, share) => sum + share, 0)
  const ideals = shares.map((share) => (total > 0 ? (layers * share) / total : layers / places))
  const counts = ideals.map((ideal, place) => clamp(Math.floor(ideal), 1, capacities[place] ?? 0))
  const assigned = (): number => counts.reduce((sum, count) => sum + count, 0)

  // Largest remainder first; then, as often as needed, whoever is furthest below or above its share.
  for (let missing = layers - assigned(); missing !== 0; missing = layers - assigned()) {
    const step = Math.sign(missing)
    let chosen = -1
    for (let place = 0; place < places; place++) {
      const next = (counts[place] ?? 0) + step
      if (next < 1 || next > (capacities[place] ?? 0)) continue
      if (chosen < 0 || step * (deficit(place) - deficit(chosen)) > 1e-9) chosen = place
    }
    counts[chosen] = (counts[chosen] ?? 0) + step
  }
  return counts

  function deficit(place: number): number {
    return (ideals[place] ?? 0) - (counts[place] ?? 0)
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
