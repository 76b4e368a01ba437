#define EXO_ISA isa_portable
#define EXO_ISA_NAME "portable"
#define EXO_LANES 4
#include "kernel_body.inl"
