#include "runtime.h"

#include "pending.h"

#include <chrono>
#include <cstdlib>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "mlx/scheduler.h"
#ifdef MLX_STATIC
#include "mlx/fused.h"
#endif

namespace rmlx {

static std::optional<rust::Fn<bool()>> hook;
static std::string kernel_folder;

// Asking R costs more than a small operation, so it is asked every 20 ms at most.
static bool interrupted() {
  using clock = std::chrono::steady_clock;
  static clock::time_point last;
  auto now = clock::now();
  if (!hook || now - last < std::chrono::milliseconds(20)) return false;
  last = now;
  return (*hook)();
}

[[noreturn]] static void stop_here() {
  throw std::runtime_error("[eval] Interrupted.");
}

// MLX built by us asks for interrupts between operations (build/edits/); a linked one only while waiting.
static void reset_interrupt() {
#ifdef MLX_STATIC
  mx::rmlx::interrupted = false;
#endif
}

void set_interrupt_hook(rust::Fn<bool()> function) {
  hook = function;
#ifdef MLX_STATIC
  mx::rmlx::interrupt_hook = interrupted;
#endif
}

bool has_gpu() {
  return mx::is_available(mx::Device(mx::Device::gpu));
}

void set_default_device(bool gpu) {
  mx::set_default_device(device_of(gpu));
}

// Waits for all that was queued on a stream. A CPU stream is a thread with a queue, so a task at its end says when.
static void wait_for(mx::Stream stream) {
  if (stream.device == mx::Device::cpu) {
    auto done = std::make_shared<std::promise<void>>();
    auto reached = done->get_future();
    mx::scheduler::enqueue(stream, [done] { done->set_value(); });
    while (reached.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
      if (interrupted()) stop_here();
    }
  }
}

void synchronize(bool gpu) {
  auto stream = mx::default_stream(device_of(gpu));
  wait_for(stream);
  mx::synchronize(stream);
}

// A GPU array can only be asked; the pauses grow with the time waited and stay a twentieth of it.
static void wait_for(const mx::array& x) {
  using clock = std::chrono::steady_clock;
  auto begin = clock::now();
  while (!x.is_available()) {
    auto waited = clock::now() - begin;
    if (interrupted()) stop_here();
    std::this_thread::sleep_for(std::min<clock::duration>(waited / 20, std::chrono::milliseconds(5)));
  }
}

// The kernels of compiled functions go to <temporary folder>/mlx/<version>/cpu. While MLX may build one, the temporary
// folder is the private one chosen in R.
class PrivateFolder {
 public:
  PrivateFolder() {
    if (kernel_folder.empty()) return;
    if (const char* now = std::getenv("TMPDIR")) before_ = now;
    setenv("TMPDIR", kernel_folder.c_str(), 1);
  }
  ~PrivateFolder() {
    if (kernel_folder.empty()) return;
    if (before_) setenv("TMPDIR", before_->c_str(), 1);
    else unsetenv("TMPDIR");
  }

 private:
  std::optional<std::string> before_;
};

void set_kernel_folder(rust::Str folder) {
  kernel_folder = std::string(folder);
}

static bool fused_evaluation = false;

void set_fused_evaluation(bool fused) {
  fused_evaluation = fused;
}

// Small operations are computed here (build/edits/). The others are queued first and waited for in short turns, so that
// the user can interrupt.
static void evaluate_lazily(const Arrays& xs) {
  {
#ifdef MLX_STATIC
    mx::rmlx::WaitedFor waited_for(true);
#endif
    mx::async_eval(xs);
  }
  for (auto& x : xs) {
    if (x.is_available()) continue;
    auto stream = x.event().stream();
    if (stream.device == mx::Device::cpu) wait_for(stream);
    else wait_for(x);
    const_cast<Array&>(x).wait();
  }
}

// Inside a transform MLX allows only its own blocking evaluation.
void evaluate(const Arrays& xs) {
  PrivateFolder scope;
  reset_interrupt();
  bool tracing = false;
  for (auto& x : xs) tracing = tracing || x.is_tracer();
  if (tracing) {
    mx::eval(xs);
  } else if (fused_evaluation) {
    Pending pending(xs);
    evaluate_lazily(pending.fused());
    pending.settle();
  } else {
    evaluate_lazily(xs);
  }
}

void start_evaluation(const Arrays& xs) {
  PrivateFolder scope;
  reset_interrupt();
  mx::async_eval(xs);
}

bool is_ready(const Array& x) {
  return x.is_available();
}

rust::String take_kernel_failure() {
#ifdef MLX_STATIC
  return std::exchange(mx::rmlx::kernel_failure, {});
#else
  return {};
#endif
}

size_t active_memory() {
  return mx::get_active_memory();
}

size_t peak_memory() {
  return mx::get_peak_memory();
}

void reset_peak_memory() {
  mx::reset_peak_memory();
}

size_t cache_memory() {
  return mx::get_cache_memory();
}

size_t set_cache_limit(size_t limit) {
  return mx::set_cache_limit(limit);
}

size_t memory_limit() {
  return mx::get_memory_limit();
}

size_t set_memory_limit(size_t limit) {
  return mx::set_memory_limit(limit);
}

void clear_cache() {
  mx::clear_cache();
}

bool is_wide() {
#ifdef RMLX_WIDE
  return true;
#else
  return false;
#endif
}

rust::String version() {
  return mx::version();
}

} // namespace rmlx
