//! Kernels of compiled functions.

use super::Edit;

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "fused kernels know the additions",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
#include "mlx/graph_utils.h"
"#,
        replacement: r#"
#include "mlx/fused.h"
#include "mlx/graph_utils.h"
#include "mlx/layout.h"
"#,
    },
    Edit {
        what: "fused kernels use the vectors",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
    kernel << "using namespace mlx::core::detail;" << std::endl;
"#,
        replacement: r#"
    kernel << "using namespace mlx::core::detail;" << std::endl;
    kernel << "using namespace mlx::core::simd;" << std::endl;
"#,
    },
    Edit {
        what: "a fused kernel over contiguous memory computes several numbers at once",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
    os << "  for (size_t i = 0; i < size; ++i) {" << std::endl;
"#,
        replacement: r#"
    const bool begun = rmlx::WideLoop(os, namer, inputs, outputs, tape, is_constant, -1).write();
    os << "  for (" << (begun ? "" : "size_t i = 0") << "; i < size; ++i) {" << std::endl;
"#,
    },
    Edit {
        what: "a fused kernel over other memory computes several numbers at once along its innermost axis",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
      os << "  for (int i" << d << " = 0; i" << d << " < shape[" << d
         << "]; ++i" << d << ") {" << std::endl;
"#,
        replacement: r#"
      const bool begun =
          d == ndim - 1 && rmlx::WideLoop(os, namer, inputs, outputs, tape, is_constant, d).write();
      os << "  for (";
      if (!begun) os << "int i" << d << " = 0";
      os << "; i" << d << " < shape[" << d << "]; ++i" << d << ") {" << std::endl;
"#,
    },
    Edit {
        what: "whole numbers wrap in fused kernels, and vectors may be reached through pointers of other types",
        file: "mlx/backend/cpu/jit_compiler.cpp",
        times: 1,
        anchor: "g++ -std=c++17 -O3 -Wall -fPIC -shared",
        replacement: "g++ -std=c++17 -O3 -w -fwrapv -fno-strict-aliasing -fPIC -shared",
    },
    Edit {
        what: "fused kernels have the vectors of the library",
        file: "mlx/backend/cpu/jit_compiler.cpp",
        times: 1,
        anchor: r#"
    extra_flags += "-mavx2 -mfma -mf16c";
"#,
        replacement: r#"
    extra_flags += "-mavx2 -mfma -mf16c";
#ifdef RMLX_WIDE
    extra_flags += " -DRMLX_WIDE";
#endif
"#,
    },
    Edit {
        what: "constants of fused kernels are floating-point numbers, and keep the sign of -0",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "  os << value << std::setprecision(old_precision);\n",
        replacement: "  os << std::showpoint << value << std::noshowpoint << std::setprecision(old_precision);\n",
    },
    Edit {
        what: "complex constants too",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "     << constant.real() << \", \" << constant.imag() << \")\"\n",
        replacement:
            "     << std::showpoint << constant.real() << \", \" << constant.imag() << \")\" << std::noshowpoint\n",
    },
    Edit {
        what: "constants of fused kernels keep all their digits",
        file: "mlx/backend/common/compiled.h",
        times: 2,
        anchor: "std::setprecision(std::numeric_limits<float>::digits10 + 1)",
        replacement: "std::setprecision(std::numeric_limits<float>::max_digits10)",
    },
    Edit {
        what: "constants of double precision too",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "std::setprecision(std::numeric_limits<double>::digits10 + 1)",
        replacement: "std::setprecision(std::numeric_limits<double>::max_digits10)",
    },
    Edit {
        what: "what is broadcast to a larger array is computed before, not for each of its copies",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r"
      for (auto& in : a.inputs()) {
        recurse(in, depth + 1, s, shape);
      }
",
        replacement: r"
      for (auto& in : a.inputs()) {
        if (s.device == Device::cpu && is_broadcast(a.primitive()) && in.size() > 1 && in.size() < a.size()) {
          input_set.insert(in.id());
        } else {
          recurse(in, depth + 1, s, shape);
        }
      }
",
    },
];
