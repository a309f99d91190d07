//! Functions that MLX computes by a polynomial in single precision.

use super::Edit;

/// A function that MLX computes by a polynomial in single precision, whatever it is given. A wide build computes one number
/// like a lane of a vector, so that a result does not depend on where in an array a number lies.
macro_rules! polynomial {
    ($name:literal, $argument:literal) => {
        Edit {
            what: concat!($name, " of double precision is computed in double precision"),
            file: "mlx/backend/cpu/simd/math.h",
            times: 1,
            anchor: concat!("\nSimd<T, N> ", $name, "(Simd<T, N> ", $argument, ") {\n"),
            replacement: concat!(
                "\nSimd<T, N> ",
                $name,
                "(Simd<T, N> ",
                $argument,
                ") {\n#ifdef RMLX_WIDE\n  if constexpr (std::is_same_v<T, double>) {\n    return ",
                $name,
                "_double(",
                $argument,
                ");\n  } else if constexpr (N == 1 && max_size<T> > 1) {\n    return Simd<T, 1>(",
                $name,
                "(Simd<T, max_size<T>>(",
                $argument,
                ".value))[0]);\n  }\n#else\n",
                "  if constexpr (std::is_same_v<T, double> && N == 1) {\n    return Simd<T, N>(std::",
                $name,
                "(",
                $argument,
                ".value));\n  }\n#endif\n"
            ),
        }
    };
}

pub(super) const EDITS: &[Edit] =
    &[polynomial!("exp", "in"), polynomial!("sin", "x"), polynomial!("cos", "x"), polynomial!("erf", "x")];
