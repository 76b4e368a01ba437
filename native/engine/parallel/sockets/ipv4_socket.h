#pragma once

#include <netinet/in.h>

#include <chrono>
#include <string>

#include "descriptor.h"

namespace exo {

/// @throws std::invalid_argument for text that is not an IPv4 address
sockaddr_in ipv4_address(const std::string& address, int port);

/// A stream that does not block yet and that programs started from here do not inherit.
/// @throws std::system_error
Descriptor open_stream();

/// Listens at one address.
/// @throws std::system_error
Descriptor listen_at(const std::string& address, int port);

/// @returns whether it is connected within the limit; the stream still does not block
bool connect_within(const Descriptor& stream, const sockaddr_in& address, std::chrono::milliseconds limit);

/// Sends at once, and waits for data again.
/// @param limit of each wait; 0: none
void let_block(const Descriptor& stream, std::chrono::milliseconds limit);

}  // namespace exo
