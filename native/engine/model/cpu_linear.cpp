#include "cpu_linear.h"

#include <algorithm>

#include "../kernels/for_rows.h"

namespace exo {

CpuLinear::CpuLinear(const LinearSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize) : pool_(pool) {
  for (const auto& part : source) {
    owned_.push_back(std::make_unique<PackedMatrix>(part, reader, pool, dequantize));
    parts_.push_back(owned_.back().get());
    outputs_ += part.outputs();
  }
}

CpuLinear::CpuLinear(const PackedMatrix& matrix, ThreadPool& pool) : pool_(pool), parts_{&matrix}, outputs_(matrix.view().rows) {}

int64_t CpuLinear::resident_bytes() const {
  int64_t bytes = 0;
  for (const auto& matrix : owned_) bytes += matrix->resident_bytes();
  return bytes;
}

void CpuLinear::multiply(const float* x, int64_t rows, float* y, const float* residual) const {
  struct Share {
    const PackedMatrix* part;
    int64_t first_output, panel, panel_end;
  };
  int64_t panels = 0;
  for (const auto* part : parts_) panels += part->panels();
  // Shares are whole register tiles, and several per thread, so that a thread that was held up does not hold up the rest.
  const int64_t per_share = std::max<int64_t>(4, (panels / (pool_.threads() * 6) + 3) / 4 * 4);
  std::vector<Share> shares;
  int64_t first_output = 0;
  for (const auto* part : parts_) {
    for (int64_t panel = 0; panel < part->panels(); panel += per_share) {
      shares.push_back({part, first_output, panel, std::min(part->panels(), panel + per_share)});
    }
    first_output += part->view().rows;
  }
  const auto run_share = [&](int64_t index) {
    const Share& share = shares[static_cast<size_t>(index)];
    const Product product{share.part->view(), x, share.part->view().columns, rows, y + share.first_output, outputs_, share.part->bias(),
                          residual ? residual + share.first_output : nullptr};
    kernels_.product(product, share.panel, share.panel_end);
  };
  if (rows * outputs_ * parts_[0]->view().columns < kSharedWork) {
    for (size_t index = 0; index < shares.size(); ++index) run_share(static_cast<int64_t>(index));
  } else {
    pool_.run(static_cast<int64_t>(shares.size()), run_share);
  }
}

}  // namespace exo
