#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "../cache/kv_pages.h"
#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "../load/packed_matrix.h"
#include "decoder.h"

namespace exo {

/// The decoder on the CPU's own kernels: a stage is one task, weights are packed, caches are paged.
class CpuDecoder : public Decoder {
 public:
  CpuDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum);
  ~CpuDecoder() override;

  std::shared_ptr<PreparedStep> prepare(StepPlan plan) override;
  mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) override;
  mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) override;
  mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  mlx::core::Dtype hidden_type() const override { return mlx::core::float32; }
  void trim() override { pages_->trim(); }
  int64_t resident_bytes() const override { return resident_bytes_; }
  int64_t kv_bytes() const override { return pages_->used_bytes(); }
  int64_t unmanaged_bytes() const override { return resident_bytes_ + pages_->held_bytes(); }

 private:
  struct Linear;
  struct Layer;
  struct Rope;
  struct CpuStep;
  struct Rotation;
  struct Workspace;

  std::unique_ptr<Linear> load_linear(const LinearSource& source, WeightReader& reader, bool dequantize);
  std::vector<float> load_vector(const TensorSource& source, WeightReader& reader);

  void multiply(const Linear& linear, const float* x, int64_t rows, float* y, const float* residual);
  void normalize(const float* x, const std::vector<float>& weight, float* y, int64_t rows, int64_t width);
  /// attended [tokens, heads * head_dim] of the normalized hidden states.
  void attend(const Layer& layer, int64_t index, const CpuStep& step, const float* hidden);
  void rotate_and_keep(const Layer& layer, int64_t index, const CpuStep& step);
  void gate(const Layer& layer, int64_t rows, const float* hidden);

  const Kernels& kernels_;
  ThreadPool& pool_;
  AllSum all_sum_;
  int64_t hidden_size_;
  int64_t vocab_size_;
  float epsilon_;
  std::vector<Rope> ropes_;
  std::vector<Layer> layers_;
  std::unique_ptr<PackedMatrix> embedding_;
  std::vector<float> final_norm_;
  std::unique_ptr<Linear> head_;
  std::shared_ptr<KvPagePool> pages_;
  std::unordered_map<int32_t, std::vector<std::shared_ptr<KvPage>>> caches_;
  /// Used by the stream's thread only.
  std::unique_ptr<Workspace> workspace_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo
