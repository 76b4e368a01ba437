#include "array_feed_forward.h"

#include <limits>
#include <stdexcept>

#include "parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

namespace {

using namespace activation_numbers;

/// From this many rows on, it is faster to sort the rows by expert.
constexpr int kSortedRows = 64;

/// bound * tanh(x / bound); 0: x.
mx::array bounded(const mx::array& x, float bound) { return bound > 0 ? soft_capped(x, bound) : x; }

mx::array activate(const ActivationRule& rule, float limit, const mx::array& gate, const mx::array& up) {
  const auto number = [&](float value) { return mx::array(value, gate.dtype()); };
  switch (rule.activation) {
    case Activation::GeluTanh: return mx::multiply(gelu_tanh(gate), up);
    case Activation::ClampedSwiglu: {
      const float bound = limit > 0 ? limit : kClampedLimit;
      const auto clamped = mx::minimum(gate, number(bound));
      const auto linear = mx::clip(up, number(-bound), number(bound));
      return mx::multiply(mx::add(linear, number(1)), mx::multiply(clamped, mx::sigmoid(mx::multiply(number(kClampedSlope), clamped))));
    }
    case Activation::LimitedSilu: {
      const auto activated = mx::multiply(gate, mx::sigmoid(gate));
      if (limit <= 0) return mx::multiply(activated, up);
      return mx::multiply(mx::minimum(activated, number(limit)), mx::clip(up, number(-limit), number(limit)));
    }
    case Activation::SiluOfLimited: {
      const auto wide = mx::astype(gate, mx::float32), linear = mx::astype(up, mx::float32);
      const auto bounded_gate = limit > 0 ? mx::minimum(wide, mx::array(limit)) : wide;
      const auto bounded_up = limit > 0 ? mx::clip(linear, mx::array(-limit), mx::array(limit)) : linear;
      return mx::astype(mx::multiply(mx::multiply(bounded_gate, mx::sigmoid(bounded_gate)), bounded_up), up.dtype());
    }
    case Activation::ReluSquared: return mx::square(mx::maximum(up, number(0)));
    case Activation::Situ: {
      const auto wide = mx::astype(gate, mx::float32);
      const auto factors = mx::multiply(bounded(wide, rule.gate_bound), mx::sigmoid(wide));
      return mx::astype(mx::multiply(factors, bounded(mx::astype(up, mx::float32), rule.up_bound)), up.dtype());
    }
    case Activation::Silu: return mx::multiply(mx::multiply(gate, mx::sigmoid(gate)), up);
  }
  throw std::invalid_argument("an activation that the array path does not have");
}

mx::array scores_of(Scoring scoring, const mx::array& logits) {
  switch (scoring) {
    case Scoring::SparseMixer:
    case Scoring::SoftmaxOfChosen: return logits;
    case Scoring::Softmax: return mx::softmax(logits, -1, true);
    case Scoring::SqrtSoftplus: return mx::sqrt(mx::logaddexp(logits, mx::array(0, logits.dtype())));
    case Scoring::Sigmoid: return mx::sigmoid(logits);
  }
  throw std::invalid_argument("a scoring that the array path does not have");
}

/// Sets the scores of experts outside the best groups to 0. @param scores [tokens, experts]
mx::array best_groups_only(const mx::array& scores, int groups, int groups_kept, bool is_group_best) {
  if (groups == groups_kept) return scores;
  const auto grouped = mx::unflatten(scores, -1, {groups, -1});
  const auto group_scores = is_group_best ? mx::max(grouped, -1, true) : mx::sum(mx::topk(grouped, 2, -1), -1, true);
  const int dropped = groups - groups_kept;
  const auto order = mx::argpartition(group_scores, dropped - 1, -2);
  const auto worst = mx::slice(order, {0, 0, 0}, {order.shape(0), dropped, 1});
  return mx::flatten(mx::put_along_axis(grouped, mx::broadcast_to(worst, {order.shape(0), dropped, grouped.shape(2)}), mx::array(0.0f), -2),
                     -2, -1);
}

/// The indices of the best scores [tokens, chosen]. @param is_best_first of equal scores, the same are chosen as by mlx-lm
mx::array best_of(const mx::array& scores, int chosen, bool is_best_first) {
  if (is_best_first) return mx::slice(mx::argpartition(mx::negative(scores), chosen - 1, -1), {0, 0}, {scores.shape(0), chosen});
  const int others = scores.shape(1) - chosen;
  const auto order = mx::argpartition(scores, others, -1);
  return mx::slice(order, {0, others}, order.shape());
}

/// [vocabulary, chosen] What a file says must not be used as an index before it is checked.
mx::array experts_by_token(const TensorSource& source, size_t experts, int chosen, ArrayLoader& loader) {
  const auto numbers = mx::astype(loader.vector(source, mx::uint32), mx::uint32);
  const auto table = mx::minimum(mx::reshape(numbers, {-1, chosen}), mx::array(static_cast<uint32_t>(experts - 1)));
  mx::eval(table);
  return table;
}

}  // namespace

ArrayFeedForward::ArrayFeedForward(const FeedForwardSpec& spec, ArrayLoader& loader, const NormLoader& norms)
    : activation_{spec.activation, spec.gate_bound, spec.up_bound}, always_output_norm_(norms.norm(spec.always_output_norm)) {
  if (spec.always) always_ = Gated{loader.linear(spec.always->gate_up), loader.linear(spec.always->down)};
  always_limit_ = spec.always_limit;
  if (spec.always_gate) always_gate_ = loader.matrix(*spec.always_gate);
  if (!spec.experts) return;
  const auto& router = spec.experts->router;
  const auto router_norm = [&](const TensorSource& weight) {
    const auto scaled = mx::multiply(loader.vector(weight), mx::array(router.norm_factor, loader.type()));
    mx::eval(scaled);
    return ArrayNorm(scaled, std::nullopt, false, norms.epsilon());
  };
  experts_ = Experts{
      router,
      loader.matrix(router.weight),
      router.correction ? std::optional(loader.vector(*router.correction, mx::float32)) : std::nullopt,
      spec.experts->gate.empty() ? std::nullopt : std::optional(loader.stack(spec.experts->gate)),
      loader.stack(spec.experts->up),
      loader.stack(spec.experts->down),
      spec.experts->limit,
      router.norm ? std::optional(router_norm(*router.norm)) : std::nullopt,
      spec.experts->latent_norm ? std::optional(norms.weight(*spec.experts->latent_norm)) : std::nullopt,
      norms.epsilon(),
      norms.norm(spec.experts->input_norm),
      norms.norm(spec.experts->output_norm),
      router.expert_scale ? std::optional(loader.vector(*router.expert_scale)) : std::nullopt,
      router.by_token ? std::optional(experts_by_token(*router.by_token, spec.experts->up.size(), router.chosen, loader)) : std::nullopt,
      spec.experts->to_latent ? std::optional(loader.matrix(*spec.experts->to_latent)) : std::nullopt,
      spec.experts->from_latent ? std::optional(loader.matrix(*spec.experts->from_latent)) : std::nullopt};
}

mx::array ArrayFeedForward::run(const mx::array& state, const std::optional<ArrayNorm>& norm, const AllSum& all_sum,
                                const Tokens& tokens) const {
  const auto x = normalized(state, norm);
  if (experts_ && experts_->latent_norm) return run_normed_latent(x, all_sum);
  if (!has_output_norms()) {
    const auto part = run_parts(x, state, tokens);
    return all_sum ? all_sum(part) : part;
  }
  auto always = run_always(x), experts = run_experts(*experts_, normalized(state, experts_->input_norm), state);
  if (all_sum) {
    // One sum over ranks for both parts, each of which is normalized as a whole.
    const auto both = mx::split(all_sum(mx::concatenate({always, experts}, -1)), 2, -1);
    always = both[0], experts = both[1];
  }
  return mx::add(normalized(always, always_output_norm_), normalized(experts, experts_->output_norm));
}

mx::array ArrayFeedForward::run_normed_latent(const mx::array& x, const AllSum& all_sum) const {
  auto narrow = run_experts(*experts_, x, x);
  std::optional<mx::array> always;
  if (always_) always = run_always(x);
  if (all_sum) {
    // One sum over ranks for both parts, the first of which is normalized as a whole.
    const int width = narrow.shape(1);
    const auto both = all_sum(always ? mx::concatenate({narrow, *always}, -1) : narrow);
    narrow = columns_of(both, 0, width);
    if (always) always = columns_of(both, width, both.shape(1));
  }
  const auto experts = experts_->from_latent->multiply(mx::fast::rms_norm(narrow, experts_->latent_norm, experts_->epsilon));
  return always ? mx::add(experts, *always) : experts;
}

mx::array ArrayFeedForward::run_parts(const mx::array& x, const mx::array& state, const Tokens& tokens) const {
  if (!experts_) return run_always(x);
  const auto experts =
      run_experts(*experts_, experts_->input_norm ? experts_->input_norm->apply(state) : x, experts_->router_norm ? state : x, tokens);
  return always_ ? mx::add(experts, run_always(x)) : experts;
}

mx::array ArrayFeedForward::run_always(const mx::array& x) const {
  const auto both = always_->gate_up.multiply(x);
  const auto halves = is_gated() ? mx::split(both, 2, -1) : std::vector{both, both};
  const auto always = always_->down.multiply(activate(activation_, always_limit_, halves[0], halves[1]));
  return always_gate_ ? mx::multiply(always, mx::sigmoid(always_gate_->multiply(x))) : always;
}

ArrayFeedForward::Choice ArrayFeedForward::choose(const Experts& experts, const mx::array& x, const Tokens& tokens) {
  const auto& rule = experts.rule;
  const auto precision = rule.precision;
  const auto input = normalized(x, experts.router_norm);
  auto logits = experts.router.multiply(precision == RouterPrecision::Logits ? mx::astype(input, mx::float32) : input);
  if (rule.logit_cap > 0) logits = soft_capped(mx::astype(logits, mx::float32), rule.logit_cap);
  if (precision == RouterPrecision::Scores) logits = mx::astype(logits, mx::float32);
  if (rule.scoring == Scoring::SparseMixer) return sparse_mixed(logits, rule);
  const auto scores = scores_of(rule.scoring, logits);
  auto corrected = scores;
  if (experts.correction)
    corrected =
        mx::add(scores, precision == RouterPrecision::Model ? mx::astype(*experts.correction, scores.dtype()) : *experts.correction);
  const auto best = [&] {
    return best_of(best_groups_only(corrected, rule.groups, rule.groups_kept, rule.is_group_best), rule.chosen, rule.is_best_first);
  };
  const auto chosen = experts.by_token && tokens ? mx::take(*experts.by_token, *tokens, 0) : best();
  auto weights = mx::take_along_axis(scores, chosen, -1);
  // Where each expert has a factor besides, mlx-lm rounds within the softmax too.
  if (rule.scoring == Scoring::SoftmaxOfChosen) weights = mx::softmax(weights, -1, !experts.expert_scale);
  if (rule.is_normalized) weights = mx::divide(weights, mx::sum(weights, -1, true));
  if (experts.expert_scale) weights = mx::multiply(weights, mx::take(*experts.expert_scale, chosen));
  if (rule.scale != 1) weights = mx::multiply(weights, mx::array(rule.scale, weights.dtype()));
  return {chosen, rule.are_weights_rounded ? mx::astype(weights, x.dtype()) : weights};
}

ArrayFeedForward::Choice ArrayFeedForward::sparse_mixed(const mx::array& logits, const RouterSpec& rule) {
  const mx::array least(-std::numeric_limits<float>::infinity(), logits.dtype());
  const mx::array part(2 * rule.jitter, logits.dtype());
  auto left = logits;
  std::vector<mx::array> chosen, weights;
  for (int32_t place = 0; place < rule.chosen; ++place) {
    const auto best = mx::max(left, -1, true);
    chosen.push_back(mx::argmax(left, -1, true));
    const auto below = mx::divide(mx::subtract(best, logits), mx::maximum(mx::abs(logits), best));
    const auto near = mx::where(mx::greater(below, part), least, left);
    weights.push_back(mx::take_along_axis(mx::softmax(near, -1, true), chosen.back(), -1));
    if (place + 1 < rule.chosen) left = mx::put_along_axis(left, chosen.back(), least, -1);
  }
  return {mx::concatenate(std::move(chosen), -1), mx::concatenate(std::move(weights), -1)};
}

mx::array ArrayFeedForward::run_experts(const Experts& experts, const mx::array& wide, const mx::array& routed, const Tokens& ids) const {
  const auto choice = choose(experts, routed, ids);
  const auto x = experts.to_latent ? experts.to_latent->multiply(wide) : wide;
  const int tokens = x.shape(0), chosen = experts.rule.chosen, width = x.shape(1);
  const auto weights = mx::expand_dims(choice.weights, -1);
  const auto apply = [&](const mx::array& rows, const mx::array& indices, bool is_sorted) {
    const auto up = experts.up.multiply(rows, indices, is_sorted);
    const auto gate = experts.gate ? experts.gate->multiply(rows, indices, is_sorted) : up;
    return experts.down.multiply(activate(activation_, experts.limit, gate, up), indices, is_sorted);
  };
  const auto sum = [&](const mx::array& outputs) {
    const auto all = mx::astype(mx::sum(mx::multiply(mx::reshape(outputs, {tokens, chosen, width}), weights), 1), x.dtype());
    return experts.from_latent && !experts.latent_norm ? experts.from_latent->multiply(all) : all;
  };
  if (tokens * chosen < kSortedRows) return sum(apply(mx::reshape(x, {tokens, 1, 1, width}), choice.experts, false));
  // One row per token and expert, sorted by expert: [rows, 1, hidden].
  const auto flat = mx::flatten(choice.experts);
  const auto order = mx::argsort(flat);
  const auto rows = mx::expand_dims(mx::take(x, mx::floor_divide(order, mx::array(chosen, order.dtype())), 0), 1);
  return sum(mx::take(apply(rows, mx::take(flat, order), true), mx::argsort(order), 0));
}

}  // namespace exo
