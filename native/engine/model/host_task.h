#pragma once

#include <mlx/mlx.h>

#include <functional>
#include <vector>

namespace exo {

/// A piece of work on MLX's CPU stream. Inputs are row-contiguous and complete; `output` is allocated.
using HostWork = std::function<void(const std::vector<const void*>& inputs, void* output)>;

/// An array that `work` fills. It runs in the order in which tasks were launched, on the stream's own thread, with any
/// input, from the GPU too; so the graph goes on without a round trip through the engine's thread.
mlx::core::array host_task(const char* name, mlx::core::Shape shape, mlx::core::Dtype type, std::vector<mlx::core::array> inputs,
                           HostWork work);

bool is_host_task(const mlx::core::Primitive& primitive);

}  // namespace exo
