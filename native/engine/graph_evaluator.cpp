#include "graph_evaluator.h"

#include <mlx/primitives.h>
#include <time.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "model/host_task.h"

namespace mx = mlx::core;

namespace exo {

namespace {

bool is_pending(const mx::array& array) { return array.status() == mx::array::Status::unscheduled && array.has_primitive(); }

bool is_receive(const mx::Primitive& primitive) { return std::string_view(primitive.name()) == "Recv"; }

bool is_message(const mx::Primitive& primitive) {
  const std::string_view name = primitive.name();
  return is_receive(primitive) || name == "Send" || name.ends_with("AllReduce") || name == "AllGather";
}

/// The time that this thread has spent counting.
thread_local double counting_ms = 0;

double own_cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

bool is_on_host(const mx::array& array) { return is_host_task(array.primitive()) || is_message(array.primitive()); }

/// Products with weights, attention's products, and writes of keys, values and states.
bool is_product(std::string_view name) {
  return name.ends_with("Matmul") || name.ends_with("QMM") || name.ends_with("MM") || name.ends_with("SliceUpdate");
}

/// The keys of an attention, as one operation or as the softmax of its scores; 0 for other operations.
int64_t keys_of(const mx::array& array, std::string_view name) {
  if (name == "Softmax") return array.ndim() < 3 ? 0 : array.shape(-1);
  return name == "ScaledDotProductAttention" ? array.inputs()[1].shape(-2) : 0;
}

}  // namespace

void GraphEvaluator::start(std::vector<mx::array> outputs) {
  if (counts_) count(outputs);
  mx::async_eval(std::move(outputs));
}

void GraphEvaluator::finish(std::vector<mx::array> outputs) {
  if (counts_) count(outputs);
  mx::eval(std::move(outputs));
}

StepCounts GraphEvaluator::take() {
  StepCounts taken;
  if (!counts_) return taken;
  since_.cache_bytes = std::max(since_.cache_bytes, static_cast<int64_t>(mx::get_cache_memory()));
  std::swap(taken, since_);
  total_.add(taken);
  return taken;
}

void GraphEvaluator::count(const std::vector<mx::array>& outputs) {
  const double begin_ms = own_cpu_ms();
  std::unordered_set<std::uintptr_t> seen;
  std::vector<mx::array> stack;
  int64_t primitives = 0, receives = 0;
  const auto visit = [&](const mx::array& array) {
    if (is_pending(array) && seen.insert(array.primitive_id()).second) stack.push_back(array);
  };
  for (const auto& output : outputs) visit(output);
  while (!stack.empty()) {
    const auto array = std::move(stack.back());
    stack.pop_back();
    ++primitives;
    receives += is_receive(array.primitive());
    const std::string_view name = array.primitive().name();
    since_.attended_keys = std::max(since_.attended_keys, keys_of(array, name));
    since_.wide_products += array.dtype() == mx::float32 && is_product(name);
    for (const auto& input : array.inputs()) {
      if (is_pending(input)) since_.hand_offs += is_on_host(array) != is_on_host(input);
      visit(input);
    }
  }
  since_.primitives += primitives;
  since_.evaluations += primitives > 0;
  since_.mixed_receives += receives > 0 && primitives > receives;
  since_.cache_bytes = std::max(since_.cache_bytes, static_cast<int64_t>(mx::get_cache_memory()));
  counting_ms += own_cpu_ms() - begin_ms;
}

double thread_cpu_ms() { return own_cpu_ms() - counting_ms; }

}  // namespace exo
