/** MLX's own: `MESH_MAX_PEERS` and `RING_MAX_CONNS` of mlx/distributed/jaccl. */
export const JACCL_MESH_MAX_RANKS = 8
export const JACCL_RING_MAX_CABLES = 4
