#pragma once

#include <stdexcept>

namespace exo {

/// A grammar that xgrammar refuses, with its reason.
class GrammarRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace exo
