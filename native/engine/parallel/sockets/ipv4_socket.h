#pragma once

#include <netinet/in.h>

#include <chrono>
#include <string>

#include "descriptor.h"

namespace exo {

/// @throws std::invalid_argument if the text is not an IPv4 address
sockaddr_in ipv4_address(const std::string& address, int port);

/// Opens a non-blocking TCP socket that child processes do not inherit.
/// @throws std::system_error
Descriptor open_stream();

/// Listens at one address.
/// @throws std::system_error
Descriptor listen_at(const std::string& address, int port);

/// @returns whether it connects within the limit; the socket remains non-blocking
bool connect_within(const Descriptor& stream, const sockaddr_in& address, std::chrono::milliseconds limit);

/// Makes the socket blocking, and sends small messages without delay.
/// @param limit of each read and write; 0: none
void let_block(const Descriptor& stream, std::chrono::milliseconds limit);

}  // namespace exo
