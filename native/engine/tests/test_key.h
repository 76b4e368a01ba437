#pragma once

#include "../parallel/seal/aead.h"

namespace exo::test {

inline Key key_of(uint8_t fill) {
  Key key;
  key.fill(fill);
  return key;
}

}  // namespace exo::test
