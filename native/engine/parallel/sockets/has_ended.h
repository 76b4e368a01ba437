#pragma once

namespace exo {

/// @returns whether the peer has closed this connection. Data that it sent before stays unread. Where the system cannot
/// tell otherwise, a close behind unread data is not seen until they are read.
bool has_ended(int descriptor);

/// Waits until a peer may have closed one of the connections, or for the time limit. Arriving data end no wait.
void wait_for_end(const int* descriptors, int count, int limit_ms);

}  // namespace exo
