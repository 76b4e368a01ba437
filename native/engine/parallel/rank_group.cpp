#include "rank_group.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "../engine_error.h"
#include "../model/host_task.h"
#include "message_streams.h"
#include "ring/ring_sockets.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// The size of a plan's first message, in numbers. A decode step's plan fits completely, so most steps need one
/// message.
constexpr int kHeadNumbers = 128;
/// Two ranks exchange parts up to this size whole, which takes one message each way instead of two in sequence.
constexpr size_t kMostGatheredBytes = 64 * 1024;

/// Versions of the program that cannot run ahead have their value in place of this number, which is larger.
constexpr int32_t kAbleToRunAhead = std::numeric_limits<int32_t>::max();

std::string mlx_name_of(Backend backend) {
  switch (backend) {
    case Backend::Ring: return "ring";
    case Backend::Jaccl: return "jaccl";
    case Backend::Local: break;
  }
  throw std::invalid_argument("ranks of one machine's own need no backend");
}

mx::Stream new_message_stream() {
  const auto stream = mx::new_stream(mx::Device::cpu);
  make_stream_urgent(stream);
  return stream;
}

}  // namespace

RankGroup::RankGroup(Backend backend, Strategy strategy, int rank, int size, const std::optional<RingPlace>& place,
                     GraphEvaluator* evaluator)
    : evaluator_(evaluator), strategy_(strategy), rank_(rank), size_(size) {
  RingSockets sockets;
  const auto join = [&] { group_ = mx::distributed::init(true, mlx_name_of(backend)); };
  try {
    if (place) {
      const bool has_sums = strategy == Strategy::Tensor && size == 2;
      const auto sums = rank == 0 ? SumsConnection::Dialed : SumsConnection::Accepted;
      connections_ = std::make_unique<RingConnections>(*place, has_sums ? sums : SumsConnection::None);
      sockets = connections_->replace_those_of(join);
    } else {
      join();
      if (backend == Backend::Ring) sockets.find();
    }
  } catch (const std::exception& error) {
    throw EngineError("group-failed", "the ranks of this instance could not connect over " + mlx_name_of(backend) + ": " + error.what());
  }
  const auto streams = choose_message_streams(backend, strategy == Strategy::Tensor, size);
  if (streams.has_own_for_hidden) own_hidden_stream_ = new_message_stream();
  if (streams.has_own_for_plans) own_plan_stream_ = new_message_stream();
  if (group_->rank() != rank || group_->size() != size) {
    throw EngineError("rank-mismatch", "rank " + std::to_string(rank) + " of " + std::to_string(size) +
                                           " was placed here, but the group makes it rank " + std::to_string(group_->rank()) + " of " +
                                           std::to_string(group_->size()));
  }
  if (backend == Backend::Ring) {
    sockets.wait_for_data();
    sockets_ = std::move(sockets);
  }
}

RankGroup::Agreement RankGroup::agree_with_abilities(int32_t value) const { return agree(value, kAbleToRunAhead); }

RankGroup::Agreement RankGroup::agree(int32_t value, int32_t others) const {
  if (is_alone()) return {value, true};
  // One number per rank, because a ring cannot divide fewer. Only the first one is the value.
  std::vector<int32_t> own(static_cast<size_t>(size_), others);
  own[0] = value;
  auto numbers = mx::distributed::all_min(mx::array(own.data(), {size_}, mx::int32), group_, mx::Device::cpu);
  mx::eval(numbers);
  return {numbers.data<int32_t>()[0], numbers.data<int32_t>()[1] == kAbleToRunAhead};
}

mx::array RankGroup::all_sum(const mx::array& part) const {
  sent_bytes_ += (size_ - 1) * static_cast<int64_t>(part.nbytes());
  // The sum of two numbers has the same bits in either order.
  if (auto* sums = connections_ ? connections_->sums() : nullptr; sums && part.nbytes() <= SumExchange::kMostBytes) {
    const size_t bytes = part.nbytes();
    return mx::add(part, host_task("exchange", part.shape(), part.dtype(), {part}, [sums, bytes](const auto& own, void* other) {
                     sums->exchange({static_cast<const uint8_t*>(own[0]), bytes}, {static_cast<uint8_t*>(other), bytes});
                   }));
  }
  if (size_ == 2 && part.nbytes() > kMostGatheredBytes) return mx::distributed::all_sum(part, group_, mx::Device::cpu);
  // MLX's all_sum adds a number's parts in an order that depends on its index in the array, and therefore on the batch.
  // Here the order is that of the ranks. A decode step also needs only half the messages.
  const auto parts = mx::split(mx::distributed::all_gather(part, group_, mx::Device::cpu), size_, 0);
  auto sum = parts[0];
  for (size_t rank = 1; rank < parts.size(); ++rank) sum = mx::add(sum, parts[rank]);
  return sum;
}

mx::array RankGroup::receive_hidden(int tokens, int hidden_size, mx::Dtype type) const {
  return mx::distributed::recv({tokens, hidden_size}, type, from(), group_, hidden_stream());
}

mx::array RankGroup::send_hidden(const mx::array& hidden) const {
  sent_bytes_ += static_cast<int64_t>(hidden.nbytes());
  return mx::distributed::send(hidden, towards(), group_, hidden_stream());
}

void RankGroup::send_plan(const StepPlan& plan) const { send_numbers(encode_plan(plan)); }

StepPlan RankGroup::receive_plan(int64_t most_numbers) const {
  const auto head = receive_numbers(kHeadNumbers);
  if (head[0] < 1 || head[0] > most_numbers) throw std::invalid_argument("a step plan has an impossible size");
  const auto size = static_cast<size_t>(head[0]);
  std::vector<int32_t> numbers(head.begin() + 1, head.begin() + 1 + static_cast<ptrdiff_t>(std::min<size_t>(size, kHeadNumbers - 1)));
  if (size > kHeadNumbers - 1) {
    const auto rest = receive_numbers(static_cast<int>(size) - (kHeadNumbers - 1));
    numbers.insert(numbers.end(), rest.begin(), rest.end());
  }
  if (rank_ > 1) send_numbers(numbers);
  return decode_plan(numbers);
}

mx::Stream RankGroup::hidden_stream() const { return own_hidden_stream_.value_or(mx::default_stream(mx::Device::cpu)); }

std::vector<int32_t> RankGroup::receive_numbers(int count) const {
  const auto message = mx::distributed::recv({count}, mx::int32, from(), group_, hidden_stream());
  evaluator_->finish({message});
  return {message.data<int32_t>(), message.data<int32_t>() + message.size()};
}

void RankGroup::send_numbers(const std::vector<int32_t>& numbers) const {
  std::vector<int32_t> head{static_cast<int32_t>(numbers.size())};
  const size_t in_head = std::min<size_t>(numbers.size(), kHeadNumbers - 1);
  head.insert(head.end(), numbers.begin(), numbers.begin() + static_cast<ptrdiff_t>(in_head));
  head.resize(kHeadNumbers);
  const auto stream = own_plan_stream_.value_or(hidden_stream());
  const auto send = [&](const int32_t* from, size_t count) {
    sent_bytes_ += static_cast<int64_t>(count * sizeof(int32_t));
    const mx::array message(from, {static_cast<mx::ShapeElem>(count)}, mx::int32);
    const auto sent = mx::distributed::send(message, towards(), group_, stream);
    // In a tensor-parallel group, the plan follows the sums of the step that is still running.
    if (is_tensor_parallel()) evaluator_->start({sent});
    else evaluator_->finish({sent});
  };
  send(head.data(), head.size());
  if (in_head < numbers.size()) send(numbers.data() + in_head, numbers.size() - in_head);
}

}  // namespace exo
