//! Small anchored edits of our private copy of MLX. Each names the text it replaces; an anchor that no longer
//! matches fails the build, so that a bump of MLX cannot drop one unnoticed.

use crate::sources::read;
use crate::Result;
use std::fs;
use std::path::Path;

struct Edit {
    what: &'static str,
    file: &'static str,
    anchor: &'static str,
    replacement: &'static str,
}

/// Adding an edit changes the key of the build cache, since the key covers this file.
const EDITS: &[Edit] = &[
    Edit {
        what: "an allocation that fails raises an error instead of writing to address 0",
        file: "mlx/backend/no_gpu/allocator.cpp",
        anchor: "  void* ptr = std::malloc(size + sizeof(size_t));\n  if (ptr != nullptr) {\n    *static_cast<size_t*>(ptr) = size;\n  }\n",
        replacement: "  void* ptr = size > memory_limit_ ? nullptr : std::malloc(size + sizeof(size_t));\n  if (ptr == nullptr) {\n    throw std::runtime_error(\"[malloc] Unable to allocate \" + std::to_string(size) + \" bytes.\");\n  }\n  *static_cast<size_t*>(ptr) = size;\n",
    },
    Edit {
        what: "evaluation looks for a user's interrupt before each operation",
        file: "mlx/transforms.cpp",
        anchor: "    while (!tape.empty()) {\n      auto arr = std::move(tape.back());\n",
        replacement: "    while (!tape.empty()) {\n      scheduler::check_interrupt();\n      auto arr = std::move(tape.back());\n",
    },
    Edit {
        what: "an interrupted evaluation does not wait for the queued CPU work: its events are signalled in stream order",
        file: "mlx/transforms.cpp",
        anchor: "    for (auto& s : open_streams) {\n      try {\n        synchronize(s);\n",
        replacement: "    for (auto& s : open_streams) {\n      try {\n        if (scheduler::interrupt_pending() && s.device == Device::cpu) {\n          continue;\n        }\n        synchronize(s);\n",
    },
    Edit {
        what: "the hook that says whether the user has interrupted",
        file: "mlx/scheduler.h",
        anchor: "class StreamThread;\n",
        replacement: "class StreamThread;\n\n// Set by the host program; asked on the thread that evaluates.\ninline bool (*interrupt_hook)() = nullptr;\ninline bool interrupt_flag = false;\ninline bool interrupt_pending() {\n  return interrupt_flag;\n}\ninline void check_interrupt() {\n  if (interrupt_hook && !interrupt_flag) {\n    interrupt_flag = interrupt_hook();\n  }\n  if (interrupt_flag) {\n    throw std::runtime_error(\"[eval] Interrupted.\");\n  }\n}\n",
    },
    Edit {
        what: "waiting for room in the queue can be interrupted",
        file: "mlx/scheduler.h",
        anchor: "      completion_cv.wait(lk, [this, n_tasks_old] {\n        return this->n_active_tasks() < n_tasks_old;\n      });\n",
        replacement: "      while (!completion_cv.wait_for(\n          lk, std::chrono::milliseconds(50), [this, n_tasks_old] {\n            return this->n_active_tasks() < n_tasks_old;\n          })) {\n        lk.unlock();\n        check_interrupt();\n        lk.lock();\n      }\n",
    },
    Edit {
        what: "the header that the edits of scheduler.h need",
        file: "mlx/scheduler.h",
        anchor: "#include <atomic>\n",
        replacement: "#include <atomic>\n#include <chrono>\n#include <condition_variable>\n#include <mutex>\n#include <stdexcept>\n",
    },
];

/// Applies every edit to the copy of MLX in `root`.
pub fn apply(root: &Path) -> Result<()> {
    for edit in EDITS {
        let file = root.join(edit.file);
        let text = read(&file)?;
        if text.matches(edit.anchor).count() != 1 {
            return Err(format!(
                "MLX's {} has changed: the edit '{}' (src/rust/mlx/build/edits.rs) no longer fits",
                edit.file, edit.what
            ));
        }
        let edited = text.replacen(edit.anchor, edit.replacement, 1);
        fs::write(&file, edited).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
    }
    Ok(())
}
