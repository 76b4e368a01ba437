/** Beyond this size of a mesh only its rotations are tried. */
const PAIRED_MESH_LIMIT = 24

/**
 * The orders of ranks that keep neighbours neighbours: where the first node may be any, and, of a mesh, the last one
 * too. The given order comes first.
 *
 * @param ring - each is linked to the next, the last to the first
 */
export function* rankOrders(ring: readonly number[], isMesh: boolean): Generator<readonly number[]> {
  yield ring
  for (let start = 1; start < ring.length; start++) yield [...ring.slice(start), ...ring.slice(0, start)]
  if (!isMesh || ring.length < 3 || ring.length > PAIRED_MESH_LIMIT) return
  for (const first of ring) {
    for (const last of ring) {
      if (first !== last) yield [first, ...ring.filter((node) => node !== first && node !== last), last]
    }
  }
}
