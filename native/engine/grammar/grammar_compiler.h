#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "grammar_spec.h"
#include "token_guide.h"

namespace exo {

/// A compiled grammar, or why there is none.
struct CompiledGrammar {
  std::shared_ptr<const TokenGrammar> grammar;
  std::string code, message;
};

/// Compiles grammars in threads of its own. Recently used ones are kept.
class GrammarCompiler {
 public:
  using OnDone = std::function<void(CompiledGrammar)>;

  /// @param vocab_size of the model, which may be larger than the tokenizer's
  GrammarCompiler(Vocabulary vocabulary, int32_t vocab_size);
  /// Nothing is reported afterwards. A compilation that takes too long is left alone.
  ~GrammarCompiler();
  GrammarCompiler(const GrammarCompiler&) = delete;
  GrammarCompiler& operator=(const GrammarCompiler&) = delete;

  /// @param on_done called once, from another thread, within a few seconds: with the grammar, or with `grammar-unsupported` or
  /// `engine-busy`
  void compile(GrammarSpec spec, OnDone on_done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace exo
