#pragma once

namespace exo {

/// Tells the operating system that a person waits for what this thread computes. On macOS it then runs on the fast cores
/// before background work, such as downloads. Other systems have no such classes.
void make_thread_urgent();

}  // namespace exo
