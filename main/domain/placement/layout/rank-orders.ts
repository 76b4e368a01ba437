/** For meshes larger than this, only the rotations are tried. */
const PAIRED_MESH_LIMIT = 24

/**
 * The orders of ranks that keep neighbours adjacent: any node may be first and, in a mesh, any may be last. The given
 * order comes first.
 *
 * @param ring - each node is linked to the next, the last to the first
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
