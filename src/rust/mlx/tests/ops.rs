//! Every operation of `ops.table` of one or two arrays against an independent computation in `f64`. An operation without an
//! oracle does not compile here.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{assert_close, f32s, indices, matrix, read, row_major, sample, vector, CPU};
use mlx::{Array, Binary, Dtype, Layout, Moment, Reduce, Scan, Unary};

const INFINITY: f64 = f64::INFINITY;

/// The error function by its power series, good to 1e-10 for |x| < 4.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x.abs() > 4.0 {
        return if x.is_nan() { x } else { x.signum() };
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

/// The number whose error function this is, by bisection.
fn erfinv(y: f64) -> f64 {
    if y.is_nan() || y.abs() > 1.0 {
        return f64::NAN;
    }
    let (mut low, mut high) = (-4.0, 4.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if erf(middle) < y {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

/// Half of the distance to the next integer is no matter for these samples, so rounding needs no rule for ties.
#[allow(clippy::type_complexity)]
fn unary_oracle(op: Unary) -> (fn(f64) -> f64, f64, f64) {
    match op {
        Unary::Abs => (f64::abs, -3.0, 3.0),
        Unary::Sign => (|x| if x == 0.0 || x.is_nan() { x } else { x.signum() }, -3.0, 3.0),
        Unary::Negative => (|x| -x, -3.0, 3.0),
        Unary::Sqrt => (f64::sqrt, 0.0, 9.0),
        Unary::Rsqrt => (|x| 1.0 / x.sqrt(), 0.1, 9.0),
        Unary::Square => (|x| x * x, -3.0, 3.0),
        Unary::Reciprocal => (|x| 1.0 / x, 0.2, 3.0),
        Unary::Exp => (f64::exp, -5.0, 5.0),
        Unary::Expm1 => (f64::exp_m1, -1.0, 1.0),
        Unary::Log => (f64::ln, 0.01, 9.0),
        Unary::Log2 => (f64::log2, 0.01, 9.0),
        Unary::Log10 => (f64::log10, 0.01, 9.0),
        Unary::Log1p => (f64::ln_1p, -0.9, 3.0),
        Unary::Sin => (f64::sin, -7.0, 7.0),
        Unary::Cos => (f64::cos, -7.0, 7.0),
        Unary::Tan => (f64::tan, -1.4, 1.4),
        Unary::Asin => (f64::asin, -1.0, 1.0),
        Unary::Acos => (f64::acos, -1.0, 1.0),
        Unary::Atan => (f64::atan, -5.0, 5.0),
        Unary::Sinh => (f64::sinh, -3.0, 3.0),
        Unary::Cosh => (f64::cosh, -3.0, 3.0),
        Unary::Tanh => (f64::tanh, -3.0, 3.0),
        Unary::Asinh => (f64::asinh, -5.0, 5.0),
        Unary::Acosh => (f64::acosh, 1.0, 5.0),
        Unary::Atanh => (f64::atanh, -0.9, 0.9),
        Unary::Floor => (f64::floor, -3.0, 3.0),
        Unary::Ceiling => (f64::ceil, -3.0, 3.0),
        Unary::Sigmoid => (|x| 1.0 / (1.0 + (-x).exp()), -5.0, 5.0),
        Unary::Erf => (erf, -3.0, 3.0),
        Unary::Erfinv => (erfinv, -0.9, 0.9),
        Unary::Degrees => (f64::to_degrees, -3.0, 3.0),
        Unary::Radians => (f64::to_radians, -180.0, 180.0),
        Unary::Conjugate => (|x| x, -3.0, 3.0),
        Unary::LogicalNot => (|x| truth(x == 0.0), -1.0, 1.0),
        Unary::Isnan => (|x| truth(x.is_nan()), -1.0, 1.0),
        Unary::Isinf => (|x| truth(x.is_infinite()), -1.0, 1.0),
        Unary::Isfinite => (|x| truth(x.is_finite()), -1.0, 1.0),
        Unary::Isposinf => (|x| truth(x == INFINITY), -1.0, 1.0),
        Unary::Isneginf => (|x| truth(x == -INFINITY), -1.0, 1.0),
        Unary::StopGradient => (|x| x, -3.0, 3.0),
    }
}

#[test]
fn every_unary_operation() {
    for &(name, op) in Unary::ALL {
        let (oracle, low, high) = unary_oracle(op);
        for shape in [&[][..], &[0], &[1], &[3, 5], &[2, 0], &[2, 1, 4]] {
            let n: i32 = shape.iter().product();
            let values = sample(n as usize, low, high);
            let x = f32s(shape, Layout::ColumnMajor, &values);
            // what is stored is rounded; the oracle starts from that
            let expected: Vec<f64> = read(&x).into_iter().map(oracle).collect();
            let y = x.unary(op, CPU).unwrap();
            assert_eq!(y.shape(), shape, "{name}");
            assert_close(name, &read(&y), &expected, 2e-6);
        }
    }
}

#[test]
fn unary_operations_read_slices_and_transposed_arrays() {
    for &(name, op) in Unary::ALL {
        let (oracle, low, high) = unary_oracle(op);
        let x = matrix(7, 5, &sample(35, low, high));
        let part = x.reversed(CPU).unwrap().slice(&[4, 1], &[-6, 7], &[-2, 3], CPU).unwrap();
        let expected: Vec<f64> = read(&part).into_iter().map(oracle).collect();
        assert_close(name, &read(&part.unary(op, CPU).unwrap()), &expected, 2e-6);
    }
}

#[test]
fn unary_operations_of_special_values() {
    let x = vector(&[f64::NAN, INFINITY, -INFINITY, 0.0]);
    for &(name, op) in Unary::ALL {
        let (oracle, _, _) = unary_oracle(op);
        // MLX calls the sign of NaN 0
        let expected: Vec<f64> = read(&x).into_iter().map(oracle).collect();
        let start = usize::from(op == Unary::Sign);
        let actual = read(&x.unary(op, CPU).unwrap());
        assert_close(name, &actual[start..], &expected[start..], 1e-6);
    }
}

#[test]
fn unary_operations_keep_other_float_types() {
    // without our edits, MLX computes some functions of float64 in single precision
    let double = if common::built_here() { 1e-12 } else { 2e-6 };
    for (dtype, tolerance) in [(Dtype::Float16, 4e-3), (Dtype::Bfloat16, 3e-2), (Dtype::Float64, double)] {
        for &(name, op) in Unary::ALL {
            let (oracle, low, high) = unary_oracle(op);
            if matches!(op, Unary::Acosh | Unary::Atanh) && dtype == Dtype::Bfloat16 {
                continue; // infinitely steep at the ends: eight bits say little there
            }
            let x = vector(&sample(9, low, high)).astype(dtype, CPU).unwrap();
            let expected: Vec<f64> = read(&x).into_iter().map(oracle).collect();
            let y = x.unary(op, CPU).unwrap();
            assert!(y.dtype() == dtype || y.dtype() == Dtype::Bool, "{name}: {:?}", y.dtype());
            // MLX has no inverse error function of double precision
            let tolerance = if op == Unary::Erfinv { f64::max(tolerance, 2e-6) } else { tolerance };
            assert_close(&format!("{name} of {}", dtype.name()), &read(&y), &expected, tolerance);
        }
    }
}

#[test]
fn predicates_give_bool() {
    for op in [Unary::LogicalNot, Unary::Isnan, Unary::Isinf, Unary::Isfinite, Unary::Isposinf, Unary::Isneginf] {
        assert_eq!(vector(&[1.0]).unary(op, CPU).unwrap().dtype(), Dtype::Bool);
    }
}

fn binary_oracle(op: Binary) -> Option<fn(f64, f64) -> f64> {
    Some(match op {
        Binary::Add => |x, y| x + y,
        Binary::Subtract => |x, y| x - y,
        Binary::Multiply => |x, y| x * y,
        Binary::Divide => |x, y| x / y,
        Binary::Power => f64::powf,
        Binary::Maximum => |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.max(y) },
        Binary::Minimum => |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) },
        Binary::Equal => |x, y| truth(x == y),
        Binary::NotEqual => |x, y| truth(x != y),
        Binary::Less => |x, y| truth(x < y),
        Binary::LessEqual => |x, y| truth(x <= y),
        Binary::Greater => |x, y| truth(x > y),
        Binary::GreaterEqual => |x, y| truth(x >= y),
        Binary::LogicalAnd => |x, y| truth(x != 0.0 && y != 0.0),
        Binary::LogicalOr => |x, y| truth(x != 0.0 || y != 0.0),
        Binary::FloorDivide => |x, y| (x / y).floor(),
        // the sign is the divisor's, as in Python and R
        Binary::Remainder => |x, y| x - y * (x / y).floor(),
        Binary::Arctan2 => f64::atan2,
        Binary::Matmul => return None,
    })
}

#[test]
fn every_binary_operation_and_broadcasting() {
    let shapes: [(&[i32], &[i32], &[i32]); 7] = [
        (&[], &[], &[]),
        (&[5], &[5], &[5]),
        (&[3, 4], &[4], &[3, 4]),
        (&[3, 1], &[1, 4], &[3, 4]),
        (&[2, 1, 3], &[5, 1], &[2, 5, 3]),
        (&[0, 3], &[3], &[0, 3]),
        (&[1], &[2, 0], &[2, 0]),
    ];
    for &(name, op) in Binary::ALL {
        let Some(oracle) = binary_oracle(op) else { continue };
        for (left, right, both) in shapes {
            let total = |shape: &[i32]| shape.iter().product::<i32>() as usize;
            // the same numbers occur on both sides, so that equality is met
            let a = sample(total(left), 0.5, 4.0);
            let b: Vec<f64> = sample(total(right), 0.5, 4.0);
            let (x, y) = (f32s(left, Layout::RowMajor, &a), f32s(right, Layout::RowMajor, &b));
            let single = |values: &[f64], shape: &[i32], index: &[usize]| {
                let mut own = index[index.len() - shape.len()..].to_vec();
                own.iter_mut().zip(shape).for_each(|(i, &side)| *i %= side as usize);
                f64::from(values[row_major(&own, shape)] as f32)
            };
            let expected: Vec<f64> =
                indices(both).iter().map(|i| oracle(single(&a, left, i), single(&b, right, i))).collect();
            let z = x.binary(op, &y, CPU).unwrap();
            assert_eq!(z.shape(), both, "{name}");
            assert_close(name, &read(&z), &expected, 2e-6);
        }
    }
}

#[test]
fn binary_operations_of_special_values_and_signs() {
    let values = [f64::NAN, INFINITY, -INFINITY, 0.0, 2.5, -2.5];
    let n = values.len() as i32;
    let (x, y) = (f32s(&[n, 1], Layout::RowMajor, &values), vector(&values));
    for &(name, op) in Binary::ALL {
        // the limits of division with infinite numbers differ between libraries
        if matches!(op, Binary::Remainder | Binary::FloorDivide | Binary::LogicalAnd | Binary::LogicalOr) {
            continue;
        }
        let Some(oracle) = binary_oracle(op) else { continue };
        let expected: Vec<f64> = values.iter().flat_map(|&b| values.iter().map(move |&a| oracle(a, b))).collect();
        assert_close(name, &read(&x.binary(op, &y, CPU).unwrap()), &expected, 1e-6);
    }
}

#[test]
fn comparisons_and_logic_give_bool() {
    let x = vector(&[0.0, 1.0]);
    for &(name, op) in Binary::ALL.iter().filter(|(name, _)| {
        ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or"]
            .contains(name)
    }) {
        assert_eq!(x.binary(op, &x, CPU).unwrap().dtype(), Dtype::Bool, "{name}");
    }
}

#[test]
fn floor_division_and_remainder_follow_the_divisor() {
    let (a, b) = (vec![7.5, -7.5, 7.5, -7.5, 6.0, -6.0], vec![2.0, 2.0, -2.0, -2.0, 3.0, 3.0]);
    let (x, y) = (vector(&a), vector(&b));
    let quotient: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a / b).floor()).collect();
    let rest: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b * (a / b).floor()).collect();
    assert_close("floor_divide", &read(&x.binary(Binary::FloorDivide, &y, CPU).unwrap()), &quotient, 0.0);
    assert_close("remainder", &read(&x.binary(Binary::Remainder, &y, CPU).unwrap()), &rest, 0.0);
}

#[test]
fn integers_stay_integers_and_wrap_around() {
    let x = Array::from_values(&[3], Layout::RowMajor, [i32::MAX, -7, 3].into_iter()).unwrap();
    let y = Array::from_values(&[3], Layout::RowMajor, [1, 2, -5].into_iter()).unwrap();
    let compute = |op| x.binary(op, &y, CPU).unwrap().to_vec::<i32>().unwrap();
    assert_eq!(compute(Binary::Add), [i32::MIN, -5, -2]);
    assert_eq!(compute(Binary::Subtract), [i32::MAX - 1, -9, 8]);
    assert_eq!(compute(Binary::Multiply), [i32::MAX, -14, -15]);
    assert_eq!(compute(Binary::Maximum), [i32::MAX, 2, 3]);
    let small = Array::from_values(&[1], Layout::RowMajor, [200_u8].into_iter()).unwrap();
    assert_eq!(small.binary(Binary::Add, &small, CPU).unwrap().to_vec::<u8>().unwrap(), [144]);
}

#[test]
fn complex_products() {
    let x = Array::from_values(&[1], Layout::RowMajor, [[1.0_f32, 2.0]].into_iter()).unwrap();
    let y = Array::from_values(&[1], Layout::RowMajor, [[3.0_f32, -1.0]].into_iter()).unwrap();
    assert_eq!(x.binary(Binary::Multiply, &y, CPU).unwrap().to_vec::<[f32; 2]>().unwrap(), [[5.0, 5.0]]);
    assert_eq!(x.real(CPU).unwrap().to_vec::<f32>().unwrap(), [1.0]);
    assert_eq!(x.imag(CPU).unwrap().to_vec::<f32>().unwrap(), [2.0]);
}

#[test]
fn matrix_products_in_both_layouts() {
    for (rows, inner, columns) in [(3, 4, 5), (1, 7, 1), (2, 1, 3), (33, 17, 9), (2, 0, 3), (0, 2, 2)] {
        let (a, b) = (sample((rows * inner) as usize, -1.0, 1.0), sample((inner * columns) as usize, 1.0, 2.0));
        for (left, right) in [(Layout::RowMajor, Layout::ColumnMajor), (Layout::ColumnMajor, Layout::RowMajor)] {
            let (x, y) = (f32s(&[rows, inner], left, &a), f32s(&[inner, columns], right, &b));
            let (xs, ys) = (read(&x), read(&y));
            let cell = |i: usize, j: usize| {
                (0..inner as usize).map(|k| xs[i + k * rows as usize] * ys[k + j * inner as usize]).sum::<f64>()
            };
            let expected: Vec<f64> = indices(&[rows, columns]).iter().map(|i| cell(i[0], i[1])).collect();
            let z = x.binary(Binary::Matmul, &y, CPU).unwrap();
            assert_eq!(z.shape(), [rows, columns]);
            assert_close("matmul", &read(&z), &expected, 1e-5);
        }
    }
}

#[test]
fn operations_are_found_by_their_names() {
    macro_rules! check {
        ($($family:ty),*) => {$(
            for &(name, op) in <$family>::ALL {
                assert_eq!(<$family>::from_name(name), Some(op));
            }
            assert_eq!(<$family>::from_name("no such operation"), None);
        )*};
    }
    check!(Unary, Binary, Reduce, Moment, Scan);
}
