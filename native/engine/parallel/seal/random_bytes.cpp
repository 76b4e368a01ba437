#include "random_bytes.h"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace exo {

RandomBytes random_bytes() {
  RandomBytes bytes;
  if (::getentropy(bytes.data(), bytes.size()) != 0) throw std::system_error(errno, std::generic_category(), "no random bytes");
  return bytes;
}

}  // namespace exo
