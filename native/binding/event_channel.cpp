#include "event_channel.h"

#include "convert.h"

namespace exo {

struct EventChannel::State {
  std::mutex mutex;
  std::vector<EngineEvent> events;
  bool is_scheduled = false;
  bool is_ended = false;
  napi_threadsafe_function function = nullptr;
  std::function<void()> after_last;
};

namespace {

/// How long the process waits for a running step at exit.
constexpr auto kEndLimit = std::chrono::seconds(3);

}  // namespace

EventChannel::EventChannel(Napi::Env env, const Napi::Function& on_events, std::function<void()> after_last)
    : state_(std::make_shared<State>()) {
  state_->after_last = std::move(after_last);
  // Calls may still be queued when the channel ends, so the function holds its own reference to the state.
  auto* kept = new std::shared_ptr<State>(state_);
  const auto call = [](napi_env raw_env, napi_value function, void* context, void*) {
    if (raw_env == nullptr || function == nullptr) return;
    deliver(Napi::Env(raw_env), Napi::Function(raw_env, function), static_cast<std::shared_ptr<State>*>(context)->get());
  };
  const auto finalize = [](napi_env, void*, void* context) {
    auto* state = static_cast<std::shared_ptr<State>*>(context);
    {
      const std::lock_guard lock((*state)->mutex);
      (*state)->is_ended = true;
    }
    delete state;
  };
  const auto status = napi_create_threadsafe_function(env, on_events, nullptr, Napi::String::New(env, "exo engine events"), 0, 1, nullptr,
                                                      finalize, kept, call, &state_->function);
  if (status != napi_ok) {
    delete kept;
    throw Napi::Error::New(env, "the engine's event channel could not be made");
  }
}

void EventChannel::push(EngineEvent event) {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_ended) return;
  state_->events.push_back(std::move(event));
  if (state_->is_scheduled) return;
  state_->is_scheduled = napi_call_threadsafe_function(state_->function, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

void EventChannel::deliver(Napi::Env env, Napi::Function on_events, State* state) {
  std::vector<EngineEvent> events;
  {
    const std::lock_guard lock(state->mutex);
    state->is_scheduled = false;
    events.swap(state->events);
  }
  if (events.empty()) return;
  const Napi::HandleScope scope(env);
  auto array = Napi::Array::New(env, events.size());
  for (uint32_t i = 0; i < events.size(); ++i) array[i] = from_event(env, events[i]);
  const bool is_last = std::holds_alternative<ClosedEvent>(events.back());
  if (is_last) state->after_last();
  on_events.Call({array});
  if (!is_last) return;
  napi_threadsafe_function function = nullptr;
  {
    const std::lock_guard lock(state->mutex);
    state->is_ended = true;
    function = state->function;
  }
  napi_release_threadsafe_function(function, napi_tsfn_release);
}

void EngineHolder::open(Napi::Env env, EngineSettings settings, const Napi::Function& on_events) {
  const std::weak_ptr<EngineHolder> weak = weak_from_this();
  channel_ = std::make_unique<EventChannel>(env, on_events, [weak] {
    if (const auto holder = weak.lock()) holder->end();
  });
  engine_ =
      std::make_unique<Engine>(std::move(settings), [channel = channel_.get()](EngineEvent event) { channel->push(std::move(event)); });
}

void EngineHolder::end_with_environment() {
  if (!engine_) return;
  engine_->close();
  if (engine_->wait_closed(kEndLimit)) {
    engine_.reset();
    return;
  }
  // A step hangs, for example in a send to a lost rank. Its thread ends with the process.
  engine_.release()->abandon();
  channel_.release();  // NOLINT(bugprone-unused-return-value): the thread keeps it until the process ends
}

}  // namespace exo
