#pragma once

#include <optional>
#include <span>

#include "../seal/sealed_frames.h"
#include "neighbour_path.h"

namespace exo {

/// A connection of its own over which two ranks exchange the small parts of their sums. In MLX's ring, several threads
/// hand on each message, and a pump adds two more. Here, the thread that needs the sum sends and receives by itself.
class SumExchange {
 public:
  /// The largest part, in bytes.
  static constexpr size_t kMostBytes = kMostFrameBytes;

  explicit SumExchange(NeighbourConnection connection);

  /// The path on which this connection is made, beside the ring's own: its key is another one.
  static NeighbourPath path_beside(NeighbourPath path);

  /// Sends this rank's part and waits for the other rank's, which has the same size.
  /// @throws std::runtime_error if the connection ends, or the other rank sends something else
  void exchange(std::span<const uint8_t> part, std::span<uint8_t> other);

  int descriptor() const { return socket_.get(); }

 private:
  bool send(std::span<const uint8_t> part);
  bool receive(std::span<uint8_t> other);

  Descriptor socket_;
  /// Absent where the data is not encrypted.
  std::optional<FrameSealer> sealer_;
  std::optional<FrameOpener> opener_;
};

}  // namespace exo
