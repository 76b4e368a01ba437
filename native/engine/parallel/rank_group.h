#pragma once

#include <mlx/mlx.h>

#include <memory>
#include <optional>
#include <string>

#include "../graph_evaluator.h"
#include "../schedule/step_plan.h"
#include "backend.h"
#include "ring/ring_connections.h"
#include "ring/ring_sockets.h"

namespace exo {

enum class Strategy { Pipeline, Tensor };

/// This process as one of an instance's ranks. Rank 0 plans and has the last pipeline stage; stage s is rank size - 1 -
/// s. All messages go to the ring neighbour with the next lower rank (from rank 0: the highest). Plans start at rank 0
/// and reach the first stage next. Hidden states go from stage to stage.
class RankGroup {
 public:
  /// A group with a single rank.
  RankGroup() = default;
  /// Joins the ranks that the environment variables name (MLX_HOSTFILE or MLX_IBV_DEVICES, MLX_RANK).
  /// @param place this rank's place in a ring with authenticated neighbours. Without it, MLX accepts the first peer
  /// that connects.
  /// @throws EngineError `group-failed`, or `rank-mismatch` if the group has another rank or size than expected
  RankGroup(Backend backend, Strategy strategy, int rank, int size, const std::optional<RingPlace>& place, GraphEvaluator* evaluator);

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_alone() const { return size_ == 1; }
  bool is_tensor_parallel() const { return size_ > 1 && strategy_ == Strategy::Tensor; }
  bool is_pipeline() const { return size_ > 1 && strategy_ == Strategy::Pipeline; }
  bool is_first_stage() const { return !is_pipeline() || rank_ == size_ - 1; }
  bool is_last_stage() const { return rank_ == 0; }

  /// The sockets of the TCP ring; absent with other backends.
  const std::optional<RingSockets>& sockets() const { return sockets_; }

  /// Bytes that this rank has sent since it joined. For a sum, this is what a ring forwards.
  int64_t sent_bytes() const { return sent_bytes_; }

  /// The minimum over all ranks. All ranks must call it.
  int32_t least(int32_t value) const { return agree(value, value).least; }
  struct Agreement {
    int32_t least;
    /// Whether all ranks can start a step before the one before has ended.
    bool can_run_ahead;
  };
  /// The same, with a rank's ability to run ahead. @param value less than the largest number of its type
  Agreement agree_with_abilities(int32_t value) const;
  /// The sum over all ranks, bit-identical on all of them and independent of the rest of the array.
  mlx::core::array all_sum(const mlx::core::array& part) const;
  mlx::core::array receive_hidden(int tokens, int hidden_size, mlx::core::Dtype type) const;
  mlx::core::array send_hidden(const mlx::core::array& hidden) const;

  /// Rank 0 only: starts a step on the other ranks.
  void send_plan(const StepPlan& plan) const;
  /// All ranks but 0: waits for rank 0's next step and forwards it.
  /// @param most_numbers the largest plan to accept
  /// @throws std::invalid_argument if the message is not a valid plan
  StepPlan receive_plan(int64_t most_numbers) const;

 private:
  Agreement agree(int32_t value, int32_t others) const;
  std::vector<int32_t> receive_numbers(int count) const;
  void send_numbers(const std::vector<int32_t>& numbers) const;
  /// The stream of hidden states and of received plans.
  mlx::core::Stream hidden_stream() const;
  int towards() const { return (rank_ + size_ - 1) % size_; }
  int from() const { return (rank_ + 1) % size_; }

  std::optional<mlx::core::distributed::Group> group_;
  /// If absent, the CPU's default stream; see MessageStreams.
  std::optional<mlx::core::Stream> own_hidden_stream_;
  /// If absent, the stream of hidden states.
  std::optional<mlx::core::Stream> own_plan_stream_;
  std::unique_ptr<RingConnections> connections_;
  std::optional<RingSockets> sockets_;
  /// Not owned; outlives the group. Null in a group with one rank, which sends nothing.
  GraphEvaluator* evaluator_ = nullptr;
  Strategy strategy_ = Strategy::Pipeline;
  int rank_ = 0;
  int size_ = 1;
  mutable int64_t sent_bytes_ = 0;
};

}  // namespace exo
