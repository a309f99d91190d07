//! Derivatives, vectorised and compiled functions.

use super::Edit;

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "differentiating a long chain does not overflow the stack",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
  for (auto out : outputs) {
    recurse(out);
  }
",
        replacement: r"
  rmlx::inputs_first(outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) { recurse(a); });
",
    },
    Edit {
        what: "vectorising a long chain does not overflow the stack",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
  for (auto& out : s_outputs) {
    if (out.has_primitive()) {
      recurse(out);
    }
  }
",
        replacement: r"
  rmlx::inputs_first(s_outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) {
    if (a.has_primitive()) recurse(a);
  });
",
    },
    Edit {
        what: "a derivative knows whether it is taken inside another transform",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
  // Set the global tracing flag.
  detail::InTracing in_tracing{false, true};
",
        replacement: r"
  const bool nested = detail::in_tracing();
  detail::InTracing in_tracing{false, true};
",
    },
    Edit {
        what: "arguments of an inner derivative stay part of the outer transform's graph",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
    primal.set_tracer(false);
",
        replacement: r"
    primal.set_tracer(nested);
",
    },
    Edit {
        what:
            "what an inner derivative uses stays part of the outer transform's graph, also when it is evaluated there",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
    a.set_tracer(false);
    for (auto& s : a.siblings()) {
      s.set_tracer(false);
",
        replacement: r"
    a.set_tracer(nested && a.is_tracer());
    for (auto& s : a.siblings()) {
      s.set_tracer(nested && s.is_tracer());
",
    },
    Edit {
        what: "compiling a long chain does not overflow the stack",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r"
    for (auto& a : outputs) {
      recurse(a);
    }
",
        replacement: r"
    rmlx::inputs_first(outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) { recurse(a); });
",
    },
    Edit {
        what: "a compiled function may use, as a constant, an array that it is also called with",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r#"
      if (original_input_set.find(id) != original_input_set.end()) {
        throw std::invalid_argument(
            "[compile] Attempting to compile a function with uncaptured inputs is not allowed.");
      }
"#,
        replacement: "\n",
    },
    Edit {
        what: "the additions are known where functions are compiled",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r#"
#include "mlx/compile.h"
"#,
        replacement: r#"
#include "mlx/compile.h"
#include "mlx/rmlx.h"
"#,
    },
    Edit {
        what: "the source of a fused kernel is made when it is asked for",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
  auto fn_ptr = compile(kernel_name, [&, contiguous = contiguous]() {
",
        replacement: r"
  auto source = [&, contiguous = contiguous]() {
",
    },
    Edit {
        what: "operations whose fused kernel cannot be built run one by one",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
    return kernel.str();
  });
",
        replacement: r"
    return kernel.str();
  };
  void* fn_ptr = rmlx::try_kernel(kernel_name, [&] { return compile(kernel_name, source); });
  if (!fn_ptr) {
    encoder.add_temporaries(rmlx::run_unfused(inputs_, outputs_, tape_, inputs, outputs));
    return;
  }
",
    },
];
