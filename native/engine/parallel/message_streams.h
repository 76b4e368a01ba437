#pragma once

#include "backend.h"

namespace exo {

/// Which streams of MLX carry the messages of a group. A stream is a thread of its own.
struct MessageStreams {
  /// Hidden states have a stream of their own, so that they wait for no work of the CPU, and no work waits behind those of a later step.
  bool has_own_for_hidden;
  /// Plans have a stream of their own, so that rank 0 sends the next one while it waits for hidden states.
  bool has_own_for_plans;
};

/// JACCL has one completion queue per peer: two threads that talk to the same peer take each other's completions, and
/// then hang or mix up data. So a peer has one stream there. Between two ranks, and where every rank talks to all, plans
/// take the stream of the rest; in longer pipelines they come from another peer than the hidden states.
constexpr MessageStreams choose_message_streams(Backend backend, bool is_tensor_parallel, int size) {
  if (backend == Backend::Ring) return {!is_tensor_parallel, true};
  if (is_tensor_parallel) return {false, false};
  return {true, size > 2};
}

}  // namespace exo
