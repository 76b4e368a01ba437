#pragma once

#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace exo {

/// The prompt tokens whose hidden states make up the embedding; or scores in place of it: the outputs of an encoder's
/// classifier, or the logits of some tokens after the prompt.
enum class Pooling { First, Last, Mean, Scores };

/// Adds the states of a part of a prompt; empty: none yet.
inline void add_to(std::vector<double>& sum, const std::vector<double>& part) {
  if (sum.empty()) sum.resize(part.size());
  for (size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

/// Scales the vector to length 1, so that it does not matter how many states were added.
inline std::vector<double> of_length_one(std::vector<double> vector) {
  const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
  for (double& value : vector) value /= length > 0 ? length : 1;
  return vector;
}

}  // namespace exo
