//! Arrays that lie column by column, and products of parts of matrices.

use super::Edit;

/// A product of half-precision matrices.
macro_rules! half_product {
    ($file:literal, $type:literal) => {
        Edit {
            what: "products of half-precision matrices are left to BLAS",
            file: $file,
            times: 1,
            anchor: concat!("    simd_gemm<", $type, ", float>(\n"),
            replacement: "    rmlx::gemm(\n",
        }
    };
}

/// Its header.
macro_rules! half_header {
    ($file:literal) => {
        Edit {
            what: "products of half-precision matrices know the additions",
            file: $file,
            times: 1,
            anchor: "#include \"mlx/backend/cpu/gemms/simd_gemm.h\"\n",
            replacement: "#include \"mlx/products.h\"\n",
        }
    };
}

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "operations over columns know the additions",
        file: "mlx/backend/cpu/binary.h",
        times: 1,
        anchor: r#"
#include "mlx/backend/cpu/simd/simd.h"
"#,
        replacement: r#"
#include "mlx/backend/cpu/simd/simd.h"
#include "mlx/layout.h"
"#,
    },
    Edit {
        what: "the result of two arrays lies column by column if they do",
        file: "mlx/backend/cpu/binary.h",
        times: 4,
        anchor: r"
  set_binary_op_output_data(a, b, out, bopt);
",
        replacement: r"
  if (bopt != BinaryOpType::General || !rmlx::fill_by_columns({a, b}, out)) {
    set_binary_op_output_data(a, b, out, bopt);
  }
",
    },
    Edit {
        what: "columns of two arrays are gone through one after the other",
        file: "mlx/backend/cpu/binary.h",
        times: 1,
        anchor: r"
  auto [new_shape, new_strides] = collapse_contiguous_dims(
      a.shape(), {a.strides(), b.strides(), out.strides()});
",
        replacement: r"
  auto [new_shape, new_strides] = rmlx::collapse(out, {a.strides(), b.strides(), out.strides()});
",
    },
    Edit {
        what: "a choice lies column by column if what is chosen from does",
        file: "mlx/backend/cpu/select.cpp",
        times: 1,
        anchor: r"
  set_ternary_op_output_data(a, b, c, out, topt);
",
        replacement: r"
  if (topt != TernaryOpType::General || !rmlx::fill_by_columns({a, b, c}, out)) {
    set_ternary_op_output_data(a, b, c, out, topt);
  }
",
    },
    Edit {
        what: "columns are chosen one after the other",
        file: "mlx/backend/cpu/ternary.h",
        times: 1,
        anchor: r"
    auto [shape, strides] = collapse_contiguous_dims(
        a.shape(), {a.strides(), b.strides(), c.strides(), out.strides()});
",
        replacement: r"
    auto [shape, strides] = rmlx::collapse(out, {a.strides(), b.strides(), c.strides(), out.strides()});
",
    },
    Edit {
        what: "a fused kernel goes through columns one after the other",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
      compiled_collapse_contiguous_dims(inputs, outputs[0], is_constant_);
",
        replacement: r"
      compiled_collapse_contiguous_dims(inputs, outputs[0], is_constant_);
  const bool by_columns = !contiguous && rmlx::prefers_columns({inputs.begin(), inputs.end()}, outputs[0]);
  if (by_columns) {
    std::tie(contiguous, negative_strides, shape, strides) = compiled_collapse_contiguous_dims(
        rmlx::reversed(inputs, outputs[0].ndim()), rmlx::reversed(outputs[0], outputs[0].ndim()), is_constant_);
  }
",
    },
    Edit {
        what: "its results lie column by column then",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
  compiled_allocate_outputs(inputs, outputs, is_constant_, contiguous);
",
        replacement: r"
  if (by_columns) {
    for (auto& x : outputs) rmlx::fill_by_columns(x);
  } else {
    compiled_allocate_outputs(inputs, outputs, is_constant_, contiguous);
  }
",
    },
    half_product!("mlx/backend/cpu/gemms/simd_fp16.cpp", "float16_t"),
    half_product!("mlx/backend/cpu/gemms/simd_bf16.cpp", "bfloat16_t"),
    half_header!("mlx/backend/cpu/gemms/simd_fp16.cpp"),
    half_header!("mlx/backend/cpu/gemms/simd_bf16.cpp"),
    Edit {
        what: "products of single precision with a vector are computed as such",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "    cblas_sgemm(\n",
        replacement: "    rmlx::gemm(\n",
    },
    Edit {
        what: "products of double precision too",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "    cblas_dgemm(\n",
        replacement: "    rmlx::gemm(\n",
    },
    Edit {
        what: "they know the additions",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "#include \"mlx/backend/cpu/lapack.h\"\n",
        replacement: "#include \"mlx/backend/cpu/lapack.h\"\n#include \"mlx/products.h\"\n",
    },
    Edit {
        what: "parts of matrices are multiplied where they lie",
        file: "mlx/backend/cpu/matmul.cpp",
        times: 1,
        anchor: r"
    if (stx == arr.shape(-1) && sty == 1) {
      return std::make_tuple(false, stx, arr);
    } else if (stx == 1 && sty == arr.shape(-2)) {
      return std::make_tuple(true, sty, arr);
    } else {
",
        replacement: r"
    const bool any_step = arr.dtype() == float32 || arr.dtype() == float64;
    if (sty == 1 && (any_step ? stx >= arr.shape(-1) : stx == arr.shape(-1))) {
      return std::make_tuple(false, stx, arr);
    } else if (stx == 1 && (any_step ? sty >= arr.shape(-2) : sty == arr.shape(-2))) {
      return std::make_tuple(true, sty, arr);
    } else {
",
    },
    Edit {
        what: "a long narrow product lies column by column if its first matrix does",
        file: "mlx/backend/cpu/matmul.cpp",
        times: 1,
        anchor: r"
void Matmul::eval_cpu(const std::vector<array>& inputs, array& out) {
  out.set_data(allocator::malloc(out.nbytes()));
",
        replacement: r"
void Matmul::eval_cpu(const std::vector<array>& inputs, array& out) {
  if (inputs[0].shape(-1) > 0 && rmlx::product_by_columns(inputs[0], out)) {
    rmlx::fill_by_columns(out);
    auto turned = rmlx::reversed(out, 2);
    matmul_general(rmlx::reversed(inputs[1], 2), rmlx::reversed(inputs[0], 2), turned, stream());
    return;
  }
  out.set_data(allocator::malloc(out.nbytes()));
",
    },
    Edit {
        what: "products know the additions",
        file: "mlx/backend/cpu/matmul.cpp",
        times: 1,
        anchor: "#include \"mlx/backend/cpu/gemm.h\"\n",
        replacement: "#include \"mlx/backend/cpu/gemm.h\"\n#include \"mlx/products.h\"\n",
    },
    Edit {
        what: "softmax along the rows of a matrix goes through its columns",
        file: "mlx/backend/cpu/softmax.cpp",
        times: 1,
        anchor: r"
  // Make sure that the last dimension is contiguous
",
        replacement: r#"
  if (rmlx::softmax_prefers_columns(inputs[0])) {
    auto& x = inputs[0];
    rmlx::fill_by_columns({x}, out);
    auto& encoder = cpu::get_command_encoder(stream());
    encoder.set_input_array(x);
    encoder.set_output_array(out);
    dispatch_float_types(x.dtype(), "[softmax]", [&](auto type_tag) {
      using T = MLX_GET_TYPE(type_tag);
      const size_t columns = x.shape(-1), rows = x.size() / columns;
      encoder.dispatch([in_ptr = x.data<T>(), out_ptr = out.data<T>(), rows, columns]() {
        rmlx::softmax_by_columns(in_ptr, out_ptr, rows, columns);
      });
    });
    return;
  }

  // Make sure that the last dimension is contiguous
"#,
    },
    Edit {
        what: "softmax knows the additions",
        file: "mlx/backend/cpu/softmax.cpp",
        times: 1,
        anchor: "#include \"mlx/backend/cpu/copy.h\"\n",
        replacement: "#include \"mlx/backend/cpu/copy.h\"\n#include \"mlx/softmax.h\"\n",
    },
    Edit {
        what: "numbers in order are copied as such, and a matrix is transposed block by block",
        file: "mlx/backend/cpu/copy.cpp",
        times: 1,
        anchor: r"
  auto N = shape[axis];

  for (int i = 0; i < N; i++) {
",
        replacement: r"
  auto N = shape[axis];

  if constexpr (D == 1) {
    if (stride_src == 1 && stride_dst == 1) {
      std::transform(src, src + N, dst, [](SrcT x) { return static_cast<DstT>(x); });
      return;
    }
  }
  if constexpr (D == 2) {
    constexpr int block = 16;
    const int columns = shape[axis + 1];
    if (stride_src == 1 && o_strides[axis + 1] == 1 && N >= block && columns >= block) {
      const auto step = i_strides[axis + 1];
      for (int i = 0; i < N; i += block) {
        for (int j = 0; j < columns; j += block) {
          for (int k = i; k < std::min<int>(i + block, N); ++k) {
            for (int l = j; l < std::min(j + block, columns); ++l) {
              dst[k * stride_dst + l] = static_cast<DstT>(src[k + l * step]);
            }
          }
        }
      }
      return;
    }
  }
  for (int i = 0; i < N; i++) {
",
    },
];
