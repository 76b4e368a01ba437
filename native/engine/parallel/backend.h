#pragma once

namespace exo {

/// What carries the messages between the ranks of an instance; `Local`: it has one rank.
enum class Backend { Local, Ring, Jaccl };

}  // namespace exo
