#include "host_task.h"

#include <mlx/backend/cpu/encoder.h>
#include <mlx/primitives.h>

#include "../thread_urgency.h"

namespace mx = mlx::core;

namespace exo {

namespace {

class HostTask : public mx::UnaryPrimitive {
 public:
  HostTask(mx::Stream stream, const char* name, HostWork work) : mx::UnaryPrimitive(stream), name_(name), work_(std::move(work)) {}

  void eval_cpu(const std::vector<mx::array>& inputs, mx::array& output) override {
    output.set_data(mx::allocator::malloc(output.nbytes()));
    auto& encoder = mx::cpu::get_command_encoder(stream());
    std::vector<mx::array> sources;
    for (const auto& input : inputs) {
      encoder.set_input_array(input);
      sources.push_back(mx::array::unsafe_weak_copy(input));
    }
    encoder.set_output_array(output);
    encoder.dispatch([sources = std::move(sources), target = mx::array::unsafe_weak_copy(output), work = work_]() mutable {
      std::vector<const void*> pointers;
      for (const auto& source : sources) pointers.push_back(source.data<char>());
      work(pointers, target.data<char>());
    });
  }

  void eval_gpu(const std::vector<mx::array>&, mx::array&) override { throw std::runtime_error("a host task runs on the CPU"); }

  const char* name() const override { return name_; }

 private:
  const char* name_;
  HostWork work_;
};

}  // namespace

mx::array host_task(const char* name, mx::Shape shape, mx::Dtype type, std::vector<mx::array> inputs, HostWork work) {
  for (auto& input : inputs) input = mx::contiguous(input, false, mx::Device::cpu);
  auto primitive = std::make_shared<HostTask>(mx::default_stream(mx::Device::cpu), name, std::move(work));
  return mx::array(std::move(shape), type, std::move(primitive), std::move(inputs));
}

void make_stream_urgent(mx::Stream stream) { mx::cpu::get_command_encoder(stream).dispatch(make_thread_urgent); }

bool is_host_task(const mx::Primitive& primitive) { return dynamic_cast<const HostTask*>(&primitive) != nullptr; }

}  // namespace exo
