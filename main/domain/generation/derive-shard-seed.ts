const MASK = 0xffff_ffff_ffff_ffffn
const GOLDEN = 0x9e37_79b9_7f4a_7c15n

/**
 * The seed of one step on one shard: unsigned 64-bit. `shardId` is the sampler's rank, which is 0 for all text that
 * users see.
 *
 * Source: the finalizer of splitmix64 over `baseSeed + GOLDEN * shardId + step`. The engine computes the same in C++.
 */
export function deriveShardSeed(baseSeed: bigint, shardId: bigint | number, step: bigint | number): bigint {
  let mixed = (baseSeed + GOLDEN * BigInt(shardId) + BigInt(step)) & MASK
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK
  return mixed ^ (mixed >> 31n)
}
