/**
 * Splits layers in proportion to `shares`: at least one per place, and none above its capacity. Layers that exceed a
 * capacity go to places with room, so a split is found whenever one exists.
 *
 * @param shares - for example free bytes; only their proportions matter
 * @param capacities - number of whole layers that each place can hold
 * @param loads - other work of each place, counted in layers: its share covers both
 * @returns layers per place; null if no split exists
 */
export function assignLayers(
  layers: number,
  shares: readonly number[],
  capacities: readonly number[],
  loads: readonly number[] = shares.map(() => 0),
): number[] | null {
  const places = shares.length
  const room = sumOf(capacities.map((capacity) => Math.min(capacity, layers)))
  if (places === 0 || layers < places || room < layers || capacities.some((capacity) => capacity < 1)) return null

  const total = sumOf(shares)
  const work = layers + sumOf(loads)
  const ideals = shares.map((share, place) => (total > 0 ? (work * share) / total : work / places) - (loads[place] ?? 0))
  const counts = ideals.map((ideal, place) => clamp(Math.floor(ideal), 1, capacities[place] ?? 0))

  // The largest remainder first; then, as often as needed, the node that is furthest below or above its share.
  for (let missing = layers - sumOf(counts); missing !== 0; missing = layers - sumOf(counts)) {
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

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
