#include "cpu_linear.h"

#include <algorithm>

#include "../../kernels/for_rows.h"

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

void CpuLinear::multiply_all(const std::vector<Product>& products, ThreadPool& pool) {
  struct Share {
    const Product* whole;
    const PackedMatrix* part;
    int64_t first_output, panel, panel_end;
  };
  int64_t panels = 0, work = 0;
  for (const auto& product : products) {
    for (const auto* part : product.linear->parts_) {
      panels += part->panels();
      work += product.rows * part->view().rows * part->view().columns;
    }
  }
  // Parts are whole register tiles. There are several per thread, so that a delayed thread does not delay the others.
  const int64_t per_share = std::max<int64_t>(4, (panels / (pool.threads() * 6) + 3) / 4 * 4);
  std::vector<Share> shares;
  for (const auto& product : products) {
    int64_t first_output = 0;
    for (const auto* part : product.linear->parts_) {
      for (int64_t panel = 0; panel < part->panels(); panel += per_share) {
        shares.push_back({&product, part, first_output, panel, std::min(part->panels(), panel + per_share)});
      }
      first_output += part->view().rows;
    }
  }
  const Kernels& kernels = host_kernels();
  const auto run_share = [&](int64_t index) {
    const Share& share = shares[static_cast<size_t>(index)];
    const Product& whole = *share.whole;
    const PanelView& view = share.part->view();
    kernels.product({view, whole.x, view.columns, whole.rows, whole.y + share.first_output, whole.linear->outputs_, share.part->bias(),
                     whole.residual ? whole.residual + share.first_output : nullptr},
                    share.panel, share.panel_end);
  };
  if (work < kSharedWork) {
    for (size_t index = 0; index < shares.size(); ++index) run_share(static_cast<int64_t>(index));
  } else {
    pool.run(static_cast<int64_t>(shares.size()), run_share);
  }
}

}  // namespace exo
