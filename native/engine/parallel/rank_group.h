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

/// This process among the ranks of an instance. Rank 0 plans, and holds the last stage; stage s is rank size - 1 - s.
/// All messages go to ring neighbours, towards lower ranks: plans along the ring from rank 0 by way of the first stage,
/// hidden states from stage to stage.
class RankGroup {
 public:
  /// A group of one.
  RankGroup() = default;
  /// Joins the ranks that the environment names (MLX_HOSTFILE or MLX_IBV_DEVICES, MLX_RANK).
  /// @param place in a ring whose neighbours prove who they are; without one, MLX accepts the first peer that connects
  /// @throws EngineError `group-failed`, or `rank-mismatch` when the group is not the one that was placed
  RankGroup(Backend backend, Strategy strategy, int rank, int size, const std::optional<RingPlace>& place, GraphEvaluator* evaluator);

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_alone() const { return size_ == 1; }
  bool is_tensor_parallel() const { return size_ > 1 && strategy_ == Strategy::Tensor; }
  bool is_pipeline() const { return size_ > 1 && strategy_ == Strategy::Pipeline; }
  bool is_first_stage() const { return !is_pipeline() || rank_ == size_ - 1; }
  bool is_last_stage() const { return rank_ == 0; }

  /// The TCP ring's own sockets; none with other backends.
  const std::optional<RingSockets>& sockets() const { return sockets_; }

  /// What this rank has given to others since it joined; of a sum, what a ring passes on.
  int64_t sent_bytes() const { return sent_bytes_; }

  /// The least that any rank says; all must ask.
  int32_t least(int32_t value) const;
  /// The same bits on all ranks, whatever else is in the array.
  mlx::core::array all_sum(const mlx::core::array& part) const;
  mlx::core::array receive_hidden(int tokens, int hidden_size, mlx::core::Dtype type) const;
  mlx::core::array send_hidden(const mlx::core::array& hidden) const;

  /// Rank 0: starts a step on the other ranks.
  void send_plan(const StepPlan& plan) const;
  /// The others: waits for rank 0's next step and passes it on.
  /// @param most_numbers that a plan may have
  /// @throws std::invalid_argument for what is no plan
  StepPlan receive_plan(int64_t most_numbers) const;

 private:
  std::vector<int32_t> receive_numbers(int count) const;
  void send_numbers(const std::vector<int32_t>& numbers) const;
  /// Of hidden states, and of the plans that are received.
  mlx::core::Stream hidden_stream() const;
  int towards() const { return (rank_ + size_ - 1) % size_; }
  int from() const { return (rank_ + 1) % size_; }

  std::optional<mlx::core::distributed::Group> group_;
  /// The CPU's default stream where absent; see MessageStreams.
  std::optional<mlx::core::Stream> own_hidden_stream_;
  /// The stream of hidden states where absent.
  std::optional<mlx::core::Stream> own_plan_stream_;
  std::unique_ptr<RingConnections> connections_;
  std::optional<RingSockets> sockets_;
  /// Outlives the group; null in a group of one, which sends nothing.
  GraphEvaluator* evaluator_ = nullptr;
  Strategy strategy_ = Strategy::Pipeline;
  int rank_ = 0;
  int size_ = 1;
  mutable int64_t sent_bytes_ = 0;
};

}  // namespace exo
