#define EXO_ISA isa_avx512
#define EXO_ISA_NAME "avx512"
#define EXO_LANES 16
#include "kernel_body.inl"
