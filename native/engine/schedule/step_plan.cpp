#include "step_plan.h"

#include <stdexcept>

namespace exo {

namespace {

/// Reads numbers in order and fails at the end of the input.
class Reader {
 public:
  explicit Reader(std::span<const int32_t> numbers) : numbers_(numbers) {}

  int32_t next() {
    if (at_ >= numbers_.size()) throw std::invalid_argument("a step plan ends too early");
    return numbers_[at_++];
  }

  size_t count() {
    const int32_t value = next();
    if (value < 0 || static_cast<size_t>(value) > numbers_.size()) throw std::invalid_argument("a step plan holds an impossible count");
    return static_cast<size_t>(value);
  }

  int32_t place() {
    const int32_t value = next();
    if (value < 0) throw std::invalid_argument("a step plan holds an impossible place");
    return value;
  }

  bool is_at_end() const { return at_ == numbers_.size(); }

 private:
  std::span<const int32_t> numbers_;
  size_t at_ = 0;
};

/// States are sent among blocks, with negative numbers: a plan without states is the same for versions that know none.
int32_t sent_state(int32_t state) { return -1 - state; }

}  // namespace

std::vector<int32_t> encode_plan(const StepPlan& plan) {
  std::vector<int32_t> numbers{plan.is_last ? 1 : 0};
  for (const auto size : {plan.kept.size() + plan.kept_states.size(), plan.released.size(),
                          plan.dropped.size() + plan.dropped_states.size(), plan.shared.size(), plan.segments.size(), plan.tokens.size()}) {
    numbers.push_back(static_cast<int32_t>(size));
  }
  for (const auto& keep : plan.kept) numbers.insert(numbers.end(), {keep.slot, keep.index, keep.block});
  for (const auto& keep : plan.kept_states) numbers.insert(numbers.end(), {keep.slot, keep.blocks, sent_state(keep.state)});
  numbers.insert(numbers.end(), plan.released.begin(), plan.released.end());
  numbers.insert(numbers.end(), plan.dropped.begin(), plan.dropped.end());
  for (const auto state : plan.dropped_states) numbers.push_back(sent_state(state));
  for (const auto& share : plan.shared) {
    numbers.insert(numbers.end(), {share.slot, share.index, static_cast<int32_t>(share.blocks.size()) + (share.state < 0 ? 0 : 1)});
    numbers.insert(numbers.end(), share.blocks.begin(), share.blocks.end());
    if (share.state >= 0) numbers.push_back(sent_state(share.state));
  }
  for (const auto& segment : plan.segments) {
    numbers.insert(numbers.end(), {segment.slot, segment.position, segment.tokens, static_cast<int32_t>(segment.output)});
  }
  numbers.insert(numbers.end(), plan.tokens.begin(), plan.tokens.end());
  return numbers;
}

StepPlan decode_plan(std::span<const int32_t> numbers) {
  Reader reader(numbers);
  StepPlan plan;
  plan.is_last = reader.next() != 0;
  const size_t kept = reader.count(), released = reader.count(), dropped = reader.count(), shared = reader.count();
  const size_t segments = reader.count(), tokens = reader.count();
  for (size_t i = 0; i < kept; ++i) {
    const int32_t slot = reader.place(), index = reader.place(), number = reader.next();
    if (number < 0) plan.kept_states.push_back({slot, index, sent_state(number)});
    else plan.kept.push_back({slot, index, number});
  }
  for (size_t i = 0; i < released; ++i) plan.released.push_back(reader.place());
  for (size_t i = 0; i < dropped; ++i) {
    const int32_t number = reader.next();
    if (number < 0) plan.dropped_states.push_back(sent_state(number));
    else plan.dropped.push_back(number);
  }
  for (size_t i = 0; i < shared; ++i) {
    PlanShare share{reader.place(), reader.place(), {}};
    for (size_t left = reader.count(); left > 0; --left) {
      const int32_t number = reader.next();
      if (number >= 0) share.blocks.push_back(number);
      else if (left == 1) share.state = sent_state(number);
      else throw std::invalid_argument("a step plan shares a state before its last block");
    }
    plan.shared.push_back(std::move(share));
  }
  size_t planned = 0;
  for (size_t i = 0; i < segments; ++i) {
    PlanSegment segment{reader.place(), reader.place(), reader.next(), SegmentOutput::None};
    const int32_t output = reader.next();
    if (segment.tokens < 1 || output < 0 || output > 2) throw std::invalid_argument("a step plan holds an impossible segment");
    segment.output = static_cast<SegmentOutput>(output);
    planned += static_cast<size_t>(segment.tokens);
    plan.segments.push_back(segment);
  }
  if (planned != tokens) throw std::invalid_argument("a step plan's tokens do not fill its segments");
  for (size_t i = 0; i < tokens; ++i) plan.tokens.push_back(reader.next());
  if (!reader.is_at_end()) throw std::invalid_argument("a step plan goes on after its end");
  return plan;
}

}  // namespace exo
