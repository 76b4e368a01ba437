#pragma once

namespace exo {

/// The tokens whose states make up the embedding of a prompt.
enum class Pooling { First, Last, Mean };

}  // namespace exo
