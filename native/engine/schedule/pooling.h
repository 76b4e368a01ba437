#pragma once

namespace exo {

/// Which tokens' states make up the embedding of a prompt.
enum class Pooling { First, Last, Mean };

}  // namespace exo
