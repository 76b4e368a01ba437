#include "sealed_pump.h"

#include <sys/socket.h>

#include "sealed_frames.h"
#include "socket_bytes.h"

namespace exo {

SealedPump::SealedPump(Descriptor plain, Descriptor sealed, const Channel& channel)
    : plain_(std::move(plain)),
      sealed_(std::move(sealed)),
      sender_([this, key = channel.sending] { send_all(key); }),
      receiver_([this, key = channel.receiving] { receive_all(key); }) {}

SealedPump::~SealedPump() {
  end();
  sender_.join();
  receiver_.join();
}

void SealedPump::send_all(const Key& key) const {
  FrameSealer frames(key);
  for (size_t count; (count = read_some(plain_.get(), frames.room())) > 0;) {
    if (!write_all(sealed_.get(), frames.seal(count))) break;
  }
  end();
}

void SealedPump::receive_all(const Key& key) const {
  FrameOpener frames(key);
  uint8_t head[kFrameHeadBytes];
  while (read_all(sealed_.get(), head)) {
    const auto body = frames.body(head);
    if (!body || !read_all(sealed_.get(), *body)) break;
    const auto opened = frames.open();
    if (!opened || !write_all(plain_.get(), *opened)) break;
  }
  end();
}

void SealedPump::end() const {
  ::shutdown(plain_.get(), SHUT_RDWR);
  ::shutdown(sealed_.get(), SHUT_RDWR);
}

}  // namespace exo
