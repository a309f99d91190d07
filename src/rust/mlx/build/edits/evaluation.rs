//! Memory, and how operations are queued, waited for and interrupted.

use super::Edit;

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "an allocation that fails is tried again without what is kept for reuse, and raises an error at last",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: r"
  void* ptr = std::malloc(size + sizeof(size_t));
  if (ptr != nullptr) {
    *static_cast<size_t*>(ptr) = size;
  }
",
        replacement: r#"
  void* ptr = size > memory_limit_ ? nullptr : rmlx::allocate(size);
  if (ptr == nullptr && size <= memory_limit_) {
    lk.lock();
    buffer_cache_.clear();
    lk.unlock();
    ptr = rmlx::allocate(size);
  }
  if (ptr == nullptr) {
    throw std::runtime_error("[malloc] Unable to allocate " + std::to_string(size) + " bytes" +
        (size > memory_limit_ ? "; the limit is " + std::to_string(memory_limit_) + "." : "."));
  }
  *static_cast<size_t*>(ptr) = size;
"#,
    },
    Edit {
        what: "the headers that the allocator needs",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: r#"
#include "mlx/memory.h"
"#,
        replacement: r#"
#include <stdexcept>
#include <string>

#include "mlx/aligned.h"
#include "mlx/memory.h"
"#,
    },
    Edit {
        what: "memory is given back the way that it was allocated",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: "get_buffer_size, std::free)",
        replacement: "get_buffer_size, rmlx::release)",
    },
    Edit {
        what: "memory that is not kept for reuse too",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: "    std::free(buffer.ptr());",
        replacement: "    rmlx::release(buffer.ptr());",
    },
    Edit {
        what: "the additions are known wherever work is scheduled",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r#"
#include "mlx/utils.h"
"#,
        replacement: r#"
#include "mlx/rmlx.h"
#include "mlx/utils.h"
"#,
    },
    Edit {
        what: "waiting for room in the queue can be interrupted, with no lock held",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
      completion_cv.wait(lk, [this, n_tasks_old] {
        return this->n_active_tasks() < n_tasks_old;
      });
",
        replacement: r"
      auto fewer = [this, n_tasks_old] { return this->n_active_tasks() < n_tasks_old; };
      while (!completion_cv.wait_for(lk, std::chrono::milliseconds(50), fewer)) {
        lk.unlock();
        rmlx::check_interrupt();
        lk.lock();
      }
",
    },
    Edit {
        what: "evaluation looks for an interrupt, and for room in the queue, before each operation, and computes small ones itself",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
    while (!tape.empty()) {
      auto arr = std::move(tape.back());
",
        replacement: r"
    while (!tape.empty()) {
      rmlx::make_room();
      auto arr = std::move(tape.back());
      rmlx::WaitedFor small(is_waited_for && rmlx::is_small(arr));
",
    },
    Edit {
        what: "an interrupted evaluation does not wait for queued CPU work: its events are signalled in stream order",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
    for (auto& s : open_streams) {
      try {
        synchronize(s);
",
        replacement: r"
    for (auto& s : open_streams) {
      try {
        if (rmlx::interrupted && s.device == Device::cpu) {
          continue;
        }
        synchronize(s);
",
    },
    Edit {
        what: "queued CPU operations are counted",
        file: "mlx/backend/cpu/eval.cpp",
        times: 1,
        anchor: r"
                    temps = std::move(encoder.temporaries())]() {});
",
        replacement: r"
                    temps = std::move(encoder.temporaries())]() { --rmlx::queued; });
  ++rmlx::queued;
",
    },
    Edit {
        what: "a stream knows whether it computes",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
  bool stop;
  std::thread thread;
",
        replacement: r"
  bool stop;
  bool busy{false};
  std::thread thread;
",
    },
    Edit {
        what: "its thread computes when nobody else does",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
        cond.wait(lk, [this] { return !this->q.empty() || this->stop; });
        if (q.empty() && stop) {
          return;
        }
        task = std::move(q.front());
        q.pop();
      }

      task();
",
        replacement: r"
        cond.wait(lk, [this] { return !this->busy && (!this->q.empty() || this->stop); });
        if (q.empty() && stop) {
          return;
        }
        task = std::move(q.front());
        q.pop();
        busy = true;
      }

      task();
      task = nullptr;
      std::lock_guard<std::mutex> lk(mtx);
      busy = false;
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it: its declaration",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
  void enqueue(Stream s, std::function<void()> task);
",
        replacement: r"
  void enqueue(Stream s, std::function<void()> task);
  bool run_here(Stream s, void (*call)(void*), void* task);
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it: how to call that",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
// Like enqueue but the task is used for processing the passed event.
",
        replacement: r"
// Runs the task at once if its result is waited for and the stream has nothing else to do.
template <typename F>
inline bool run_here(Stream s, F& task) {
  return rmlx::waited_for && scheduler().run_here(s, [](void* task) { (*static_cast<F*>(task))(); }, &task);
}

// Like enqueue but the task is used for processing the passed event.
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
void Scheduler::enqueue(Stream s, std::function<void()> task) {
  auto& st = get_thread(s);
",
        replacement: r"
bool Scheduler::run_here(Stream s, void (*call)(void*), void* task) {
  auto& st = get_thread(s);
  if (is_main_thread()) {
    st.error.check();
  }
  {
    std::lock_guard<std::mutex> lk(st.mtx);
    if (st.stop || st.busy || !st.q.empty()) return false;
    st.busy = true;
  }
  try {
    call(task);
  } catch (const std::exception& error) {
    if (!st.error.valid()) {
      st.error.set_message(std::make_shared<std::string>(error.what()));
    }
  }
  {
    std::lock_guard<std::mutex> lk(st.mtx);
    st.busy = false;
    if (st.q.empty()) return true;
  }
  st.cond.notify_one();
  return true;
}

void Scheduler::enqueue(Stream s, std::function<void()> task) {
  auto& st = get_thread(s);
",
    },
    Edit {
        what: "events of a stream that is idle are signalled at once",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
  auto& st = get_thread(s);
  st.enqueue([&st, event = std::move(event), task = std::move(task)]() mutable {
    // Poison the signal event if current stream has error.
    if (st.error.valid()) {
      event.set_error(st.error);
    }
    task(event);
  });
",
        replacement: r"
  auto& st = get_thread(s);
  auto signal = [&st, event = std::move(event), task = std::move(task)]() mutable {
    // Poison the signal event if current stream has error.
    if (st.error.valid()) {
      event.set_error(st.error);
    }
    task(event);
  };
  if (!scheduler::run_here(s, signal)) {
    st.enqueue(std::move(signal));
  }
",
    },
    Edit {
        what: "operations are computed at once where they can be",
        file: "mlx/backend/cpu/encoder.h",
        times: 1,
        anchor: r"
    num_ops_ = (num_ops_ + 1) % DISPATCHES_PER_TASK;
    auto task = std::bind(std::forward<F>(f), std::forward<Args>(args)...);
",
        replacement: r"
    auto task = std::bind(std::forward<F>(f), std::forward<Args>(args)...);
    if (scheduler::run_here(stream_, task)) return;
    num_ops_ = (num_ops_ + 1) % DISPATCHES_PER_TASK;
",
    },
    Edit {
        what: "what an operation that is done has used needs not be kept",
        file: "mlx/backend/cpu/eval.cpp",
        times: 1,
        anchor: r"
  std::unordered_set<std::shared_ptr<array::Data>> buffers;
",
        replacement: r"
  auto drop = [&] { cpu::get_command_encoder(s).temporaries().clear(); };
  if (scheduler::run_here(s, drop)) return;
  std::unordered_set<std::shared_ptr<array::Data>> buffers;
",
    },
    Edit {
        what: "evaluation tells whether its caller waits for it, and keeps to one stream",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
  std::set<Stream> open_streams;
  try {
",
        replacement: r"
  const bool is_waited_for = (!async || rmlx::waited_for) && needs_fence.empty();
  rmlx::WaitedFor waited_for(is_waited_for);
  std::set<Stream> open_streams;
  try {
",
    },
];
