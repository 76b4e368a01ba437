#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>

#include "descriptor.h"

namespace exo {

/// An address and port, of IPv4 or IPv6.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// @param address IPv4 or IPv6; a link-local one with the name of an interface of this machine, such as `fe80::1%en0`
/// @throws std::invalid_argument if the text is not an address, or this machine has no such interface
SocketAddress socket_address(const std::string& address, int port);

/// Opens a non-blocking TCP socket for addresses like this one. Child processes do not inherit it.
/// @throws std::system_error
Descriptor open_stream(const SocketAddress& address);

/// Listens at one address.
/// @throws std::system_error
Descriptor listen_at(const std::string& address, int port);

/// @returns whether it connects within the limit; the socket remains non-blocking
bool connect_within(const Descriptor& stream, const SocketAddress& address, std::chrono::milliseconds limit);

/// Makes the socket blocking, and sends small messages without delay.
/// @param limit of each read and write; 0: none
void let_block(const Descriptor& stream, std::chrono::milliseconds limit);

}  // namespace exo
