#pragma once

#include <mlx/mlx.h>

#include <functional>
#include <vector>

namespace exo {

/// A piece of work on MLX's CPU stream. Inputs are row-contiguous and complete; `output` is allocated.
using HostWork = std::function<void(const std::vector<const void*>& inputs, void* output)>;

/// An array that `work` fills. Tasks run in the order of their launch, on the stream's own thread. Inputs may come from
/// the GPU, so the graph continues without a round trip through the engine's thread.
mlx::core::array host_task(const char* name, mlx::core::Shape shape, mlx::core::Dtype type, std::vector<mlx::core::array> inputs,
                           HostWork work);

/// Makes the thread of one of MLX's CPU streams urgent.
void make_stream_urgent(mlx::core::Stream stream);

bool is_host_task(const mlx::core::Primitive& primitive);

}  // namespace exo
