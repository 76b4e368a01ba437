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

/// A small model at rank 0 that proposes what sequences go on with. It has caches of its own, by the same slots. It draws
/// with copies of the sequences' samplers, so with the seeds of the same steps: what it finds likeliest it draws as the
/// model itself would.
class Drafter {
 public:
  Drafter(std::string id, std::unique_ptr<Decoder> decoder, int32_t vocab_size, GraphEvaluator& evaluator)
      : id_(std::move(id)), decoder_(std::move(decoder)), vocab_size_(vocab_size), evaluator_(evaluator) {}

  const std::string& id() const { return id_; }

  /// Fills the proposals of generations whose tokens are all known, each as long as its policy says. One whose sequence is
  /// still far ahead of the draft's cache gets none: the cache then follows by a chunk.
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
    /// To be fed next, from `position` on.
    std::vector<int32_t> tokens;
    int32_t position;
  };

  /// Caches with windows can be rolled back only so far; beyond that, the sequence starts over.
  bool can_go_back(ptrdiff_t tokens) const { return tokens <= kRememberedBehind || !decoder_->caches().forgets(); }
  std::vector<Drafting> begin(std::span<const std::shared_ptr<Generation>> generations);
  /// Feeds each one's tokens and draws the next, or none where only the cache follows.
  void run(std::vector<Drafting>& drafts, bool draws);

  std::string id_;
  std::unique_ptr<Decoder> decoder_;
  int32_t vocab_size_;
  GraphEvaluator& evaluator_;
  /// By slot: the tokens whose keys and values are in the cache.
  std::unordered_map<int32_t, std::vector<int32_t>> fed_;
  /// Slots whose sequences start over with the next step.
  std::vector<int32_t> restarted_;
};

}  // namespace exo
