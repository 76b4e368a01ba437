#pragma once

namespace exo {

/// The prompt tokens whose hidden states make up the embedding.
enum class Pooling { First, Last, Mean };

}  // namespace exo
