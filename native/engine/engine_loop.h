#pragma once

#include <functional>
#include <string>

#include "engine_events.h"
#include "schedule/generation.h"

namespace exo {

/// Runs requests in steps and reports their results. Used only by the engine's thread.
class EngineLoop {
 public:
  virtual ~EngineLoop() = default;

  virtual void add(GenerationRequest request) = 0;
  virtual void cancel(const std::string& id) = 0;
  virtual bool is_idle() const = 0;
  /// Whether it is idle and has freed what it does not need.
  virtual bool is_resting() const = 0;
  /// Whether other ranks are in a step with this one.
  virtual bool is_stepping() const = 0;
  /// @param after_launch called when a step runs and before its end is awaited
  virtual void step(const std::function<void()>& after_launch) = 0;
  virtual void rest() = 0;
  /// Call it after a step fails: all requests end with an error.
  virtual void abandon(const std::string& code, const std::string& message) = 0;
  /// All stats except the memory of the whole process.
  virtual EngineStats stats() const = 0;
};

}  // namespace exo
