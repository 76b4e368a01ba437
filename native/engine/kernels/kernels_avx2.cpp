#define EXO_ISA isa_avx2
#define EXO_ISA_NAME "avx2"
#define EXO_LANES 8
#include "kernel_body.inl"
