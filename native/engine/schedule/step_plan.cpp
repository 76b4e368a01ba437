#include "step_plan.h"

#include <stdexcept>

namespace exo {

namespace {

/// Reads numbers in order and refuses to go beyond the last.
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

  bool is_at_end() const { return at_ == numbers_.size(); }

 private:
  std::span<const int32_t> numbers_;
  size_t at_ = 0;
};

}  // namespace

std::vector<int32_t> encode_plan(const StepPlan& plan) {
  std::vector<int32_t> numbers{plan.is_last ? 1 : 0, static_cast<int32_t>(plan.released.size()), static_cast<int32_t>(plan.segments.size()),
                               static_cast<int32_t>(plan.tokens.size())};
  numbers.insert(numbers.end(), plan.released.begin(), plan.released.end());
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
  const size_t released = reader.count(), segments = reader.count(), tokens = reader.count();
  for (size_t i = 0; i < released; ++i) plan.released.push_back(reader.next());
  size_t planned = 0;
  for (size_t i = 0; i < segments; ++i) {
    PlanSegment segment{reader.next(), reader.next(), reader.next(), SegmentOutput::None};
    const int32_t output = reader.next();
    if (segment.slot < 0 || segment.position < 0 || segment.tokens < 1 || output < 0 || output > 2) throw std::invalid_argument("a step plan holds an impossible segment");
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
