#include "warm_up.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "model/array/array_sampler.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Long enough for the kernels of long prompts, which are other ones than those of single tokens.
constexpr int32_t kPromptTokens = 96;
constexpr auto kPollInterval = std::chrono::milliseconds(20);

/// The rank's last array of one segment of the first slot.
mx::array run_segment(const WarmUp& of, int32_t position, int32_t tokens, std::vector<mx::array>& outputs) {
  StepPlan plan;
  plan.segments = {{0, position, tokens, SegmentOutput::Last}};
  plan.tokens.resize(static_cast<size_t>(tokens));
  for (int32_t i = 0; i < tokens; ++i) plan.tokens[static_cast<size_t>(i)] = (position + i) % of.vocab_size;
  const auto step = of.decoder.prepare(std::move(plan));
  const auto input = of.group.is_first_stage() ? of.decoder.embed(step, std::nullopt)
                                               : mx::zeros({tokens, of.decoder.received_width()}, of.decoder.hidden_type());
  const auto hidden = of.decoder.run_layers(step, input);
  outputs.insert(outputs.end(), step->marks.begin(), step->marks.end());
  return of.group.is_last_stage() ? draw_tokens(of.decoder.logits(hidden, {tokens - 1}), {RowDraw{}}) : hidden;
}

void await(const WarmUp& of, const std::vector<mx::array>& outputs, const std::function<void()>& on_progress) {
  of.evaluator.start(outputs);
  int64_t seen = of.progress.layers_done;
  while (!std::all_of(outputs.begin(), outputs.end(), [](const mx::array& output) { return output.is_available(); })) {
    std::this_thread::sleep_for(kPollInterval);
    if (std::exchange(seen, of.progress.layers_done) != seen) on_progress();
  }
  of.evaluator.finish(outputs);
  on_progress();
}

}  // namespace

void warm_up(const WarmUp& of, const std::function<void()>& on_progress) {
  const int32_t prompt = std::min(kPromptTokens, of.context_tokens - 1);
  if (prompt < 1) return;
  for (const auto& [position, tokens] : {std::pair(0, prompt), std::pair(prompt, 1)}) {
    std::vector<mx::array> outputs;
    outputs.push_back(run_segment(of, position, tokens, outputs));
    await(of, outputs, on_progress);
  }
  StepPlan end;
  end.released = {0};
  of.decoder.prepare(std::move(end));
  of.decoder.trim();
  mx::clear_cache();
}

}  // namespace exo
