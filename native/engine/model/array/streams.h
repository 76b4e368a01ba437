#pragma once

#include <mlx/mlx.h>

#include "../decoder_spec.h"
#include "parts/array_weights.h"

namespace exo {

/// The residual state of a step's tokens if it is several streams.
struct StreamState {
  /// [tokens, streams, hidden]
  mlx::core::array streams;
  /// How the next half of a layer reads them [tokens, streams], in float32.
  mlx::core::array read;

  /// Every stream is the embedding, of which the first is read. @param embedded [tokens, hidden]
  static StreamState of(const mlx::core::array& embedded, int count);
  /// What a half of a layer reads [tokens, hidden].
  mlx::core::array collapsed() const;
};

/// How one half of a layer writes its output to the streams, and how the next half reads them.
class ArrayStreamMix {
 public:
  ArrayStreamMix(const StreamMixSpec& spec, const StreamsSpec& streams, float norm_epsilon, ArrayLoader& loader);

  /// @param run the half of the layer: from what is read to its output, both [tokens, hidden]
  template <typename Run>
  StreamState apply(const StreamState& before, Run run) const {
    const auto mixes = mixes_of(before.streams);
    const StreamState own{before.streams, streams_.are_read_anew ? mixes.read : before.read};
    return {written(before.streams, run(own.collapsed()), mixes), mixes.read};
  }

 private:
  /// All in float32: [tokens, streams], the same, and [tokens, streams, streams].
  struct Mixes {
    mlx::core::array read, added, mixed;
  };
  Mixes mixes_of(const mlx::core::array& streams) const;
  static mlx::core::array written(const mlx::core::array& streams, const mlx::core::array& output, const Mixes& mixes);

  StreamsSpec streams_;
  float norm_epsilon_;
  /// [streams * hidden, mixes], [mixes] and [mixes]
  mlx::core::array weights_, base_, scale_;
  /// Their products with the mixes are the sums of rows and of columns, each at every place of its row or column.
  mlx::core::array row_sums_, column_sums_;
};

/// How the final norm reads the streams.
class ArrayStreamOutput {
 public:
  ArrayStreamOutput(const StreamMixSpec& spec, const StreamsSpec& streams, float norm_epsilon, ArrayLoader& loader);

  /// @param streams [tokens, streams, hidden] @returns [tokens, hidden]
  mlx::core::array collapsed(const mlx::core::array& streams) const;

 private:
  float epsilon_, norm_epsilon_;
  /// [streams * hidden, streams], [streams] and [1]
  mlx::core::array weights_, base_, scale_;
};

}  // namespace exo
