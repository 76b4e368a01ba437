#pragma once

#include "backend.h"

namespace exo {

/// Which MLX streams carry the messages of a group. Each stream has its own thread.
struct MessageStreams {
  /// Hidden states have their own stream. They then wait for no other CPU work, and other CPU work does not wait for
  /// those of a later step.
  bool has_own_for_hidden;
  /// Plans have their own stream. Rank 0 can then send the next plan while it waits for hidden states.
  bool has_own_for_plans;
};

/// JACCL has one completion queue per peer. Two threads that communicate with the same peer take each other's
/// completions, and then hang or mix up data, so each peer must have a single stream. With two ranks, and in tensor
/// parallelism, plans use the same stream as everything else. In longer pipelines, plans and hidden states have
/// different peers. Over TCP, a plan that is sent during a step would mix with the step's sums, which have the same peer.
constexpr MessageStreams choose_message_streams(Backend backend, bool is_tensor_parallel, int size) {
  if (is_tensor_parallel) return {false, false};
  if (backend == Backend::Ring) return {true, true};
  return {true, size > 2};
}

}  // namespace exo
