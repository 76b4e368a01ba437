#include "kernels.h"

namespace exo {

namespace isa_portable {
extern const Kernels kernels;
}
#if defined(EXO_X86_KERNELS)
namespace isa_avx2 {
extern const Kernels kernels;
}
namespace isa_avx512 {
extern const Kernels kernels;
}
#endif

std::vector<const Kernels*> supported_kernels() {
  std::vector<const Kernels*> supported;
#if defined(EXO_X86_KERNELS)
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512dq");
  if (has_avx2 && has_avx512) supported.push_back(&isa_avx512::kernels);
  if (has_avx2) supported.push_back(&isa_avx2::kernels);
#endif
  supported.push_back(&isa_portable::kernels);
  return supported;
}

const Kernels& host_kernels() {
  static const Kernels& best = *supported_kernels().front();
  return best;
}

}  // namespace exo
