#pragma once

namespace exo {

/// The transport of the messages between an instance's ranks. `Local`: a single rank, so no messages.
enum class Backend { Local, Ring, Jaccl };

}  // namespace exo
