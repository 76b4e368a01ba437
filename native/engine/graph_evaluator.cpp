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

bool is_on_host(const mx::array& array) { return is_host_task(array.primitive()) || is_message(array.primitive()); }

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
    for (const auto& input : array.inputs()) {
      if (is_pending(input)) since_.hand_offs += is_on_host(array) != is_on_host(input);
      visit(input);
    }
  }
  since_.primitives += primitives;
  since_.evaluations += primitives > 0;
  since_.mixed_receives += receives > 0 && primitives > receives;
  since_.cache_bytes = std::max(since_.cache_bytes, static_cast<int64_t>(mx::get_cache_memory()));
}

double thread_cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace exo
