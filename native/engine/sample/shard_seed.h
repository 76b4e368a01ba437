#pragma once

#include <cstdint>

namespace exo {

/// The seed of one sampling step: splitmix64's finalizer over base + golden ratio * shard + step, modulo 2^64.
constexpr uint64_t derive_shard_seed(uint64_t base_seed, uint64_t shard_id, uint64_t step) {
  uint64_t z = base_seed + 0x9E3779B97F4A7C15u * shard_id + step;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// A number in [0, 1) from the upper 53 bits.
constexpr double unit_interval(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace exo
