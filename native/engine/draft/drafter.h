#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "../cache/layer_sights.h"
#include "../graph_evaluator.h"
#include "../model/decoder.h"
#include "../schedule/generation.h"

namespace exo {

/// A draft model: a small model at rank 0 that proposes the next tokens of sequences. It has its own caches, for the
/// same slots. It draws with copies of the sequences' samplers, which use the same seeds for the same steps, so that
/// the token that it finds most likely is drawn as the model itself would draw it.
class Drafter {
 public:
  Drafter(std::string id, std::unique_ptr<Decoder> decoder, int32_t vocab_size, GraphEvaluator& evaluator)
      : id_(std::move(id)), decoder_(std::move(decoder)), vocab_size_(vocab_size), evaluator_(evaluator) {}

  const std::string& id() const { return id_; }

  /// Fills the proposals of generations whose tokens are all known, each with as many tokens as its policy wants. If
  /// the draft's cache is far behind a sequence, it catches up by one chunk instead and nothing is proposed.
  void propose(std::span<const std::shared_ptr<Generation>> generations);

  /// Drops the caches of slots that no longer run a sequence with this draft.
  void keep_only(std::span<const std::shared_ptr<Generation>> running);

  /// Drops all caches.
  void rest();

  Decoder& decoder() { return *decoder_; }

 private:
  struct Drafting {
    std::shared_ptr<Generation> generation;
    std::unique_ptr<Sampler> sampler;
    int32_t wanted;
    /// The tokens to process next, from `position` on.
    std::vector<int32_t> tokens;
    int32_t position;
  };

  /// Caches with windows or states can be rolled back by a limited number of tokens. If that is not enough, the sequence
  /// starts over.
  bool can_go_back(int32_t slot, ptrdiff_t from, ptrdiff_t to) const {
    const auto& caches = decoder_->caches();
    return (from - to <= kRememberedBehind || !caches.forgets()) && caches.has_state_at(slot, static_cast<int32_t>(to));
  }
  std::vector<Drafting> begin(std::span<const std::shared_ptr<Generation>> generations);
  /// Processes the tokens of each draft. With `draws`, also draws and proposes each one's next token.
  void run(std::vector<Drafting>& drafts, bool draws);

  std::string id_;
  std::unique_ptr<Decoder> decoder_;
  int32_t vocab_size_;
  GraphEvaluator& evaluator_;
  /// The tokens whose keys and values are in the cache, by slot.
  std::unordered_map<int32_t, std::vector<int32_t>> fed_;
  /// Slots whose sequences start over in the next step.
  std::vector<int32_t> restarted_;
};

}  // namespace exo
