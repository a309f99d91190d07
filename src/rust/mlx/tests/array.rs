//! Making, describing and reading arrays.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{indices, row_major, CPU};
use half::{bf16, f16};
use mlx::{Array, Dtype, Element, Error, Kind, Layout};
use std::fmt::Debug;

const SHAPES: &[&[i32]] = &[
    &[],
    &[0],
    &[1],
    &[7],
    &[0, 3],
    &[3, 0],
    &[1, 1],
    &[1, 5],
    &[5, 1],
    &[4, 3],
    &[2, 0, 3],
    &[1, 1, 1],
    &[2, 3, 4],
    &[3, 1, 2, 5],
];

fn numbered(shape: &[i32], layout: Layout) -> Array {
    let n: i32 = shape.iter().product();
    Array::from_values(shape, layout, 0..n).unwrap()
}

#[test]
fn column_major_values_come_back_in_the_same_order() {
    for shape in SHAPES {
        let x = numbered(shape, Layout::ColumnMajor);
        assert_eq!(x.to_vec::<i32>().unwrap(), (0..x.size() as i32).collect::<Vec<_>>(), "{shape:?}");
    }
}

#[test]
fn row_major_values_are_read_by_their_index() {
    for shape in SHAPES {
        let expected: Vec<i32> = indices(shape).iter().map(|index| row_major(index, shape) as i32).collect();
        assert_eq!(numbered(shape, Layout::RowMajor).to_vec::<i32>().unwrap(), expected, "{shape:?}");
    }
}

#[test]
fn arrays_describe_themselves() {
    for shape in SHAPES {
        let x = numbered(shape, Layout::RowMajor);
        let n: i32 = shape.iter().product();
        assert_eq!(x.shape(), *shape);
        assert_eq!(x.ndim(), shape.len());
        assert_eq!(x.size(), n as usize);
        assert_eq!(x.nbytes(), 4 * n as usize);
        assert_eq!(x.dtype(), Dtype::Int32);
        assert!(!x.is_tracer());
    }
    let text = format!("{:?}", numbered(&[2, 3], Layout::RowMajor));
    assert!(text.contains("[2, 3]") && text.contains("Int32"), "{text}");
}

#[test]
fn both_layouts_mean_the_same_in_operations() {
    let by_rows = common::matrix(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let by_columns = common::f32s(&[2, 3], Layout::ColumnMajor, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    let equal = by_rows.binary(mlx::Binary::Equal, &by_columns, CPU).unwrap();
    assert_eq!(equal.to_vec::<bool>().unwrap(), [true; 6]);
}

#[test]
fn operations_are_lazy_and_clones_share_the_node() {
    let x = common::vector(&[1.0, 2.0]);
    assert!(x.is_evaluated());
    let y = x.unary(mlx::Unary::Negative, CPU).unwrap();
    let copy = y.clone();
    assert!(!y.is_evaluated() && !copy.is_evaluated());
    mlx::eval(&[&y]).unwrap();
    assert!(y.is_evaluated() && copy.is_evaluated());
    drop(y);
    assert_eq!(copy.to_vec::<f32>().unwrap(), [-1.0, -2.0]);
}

fn round_trip<T: Element + PartialEq + Debug>(values: &[T]) {
    for layout in [Layout::RowMajor, Layout::ColumnMajor] {
        let x = Array::from_values(&[values.len() as i32], layout, values.iter().copied()).unwrap();
        assert_eq!(x.dtype(), T::DTYPE);
        assert_eq!(x.to_vec::<T>().unwrap(), values);
        let empty = Array::from_values(&[0, 2], layout, std::iter::empty::<T>()).unwrap();
        assert_eq!(empty.to_vec::<T>().unwrap(), []);
    }
}

#[test]
fn every_dtype_keeps_its_values() {
    round_trip(&[true, false, true]);
    round_trip(&[0_u8, 1, u8::MAX]);
    round_trip(&[0_u16, 1, u16::MAX]);
    round_trip(&[0_u32, 1, u32::MAX]);
    round_trip(&[0_u64, 1, u64::MAX]);
    round_trip(&[i8::MIN, -1, 0, i8::MAX]);
    round_trip(&[i16::MIN, -1, 0, i16::MAX]);
    round_trip(&[i32::MIN, -1, 0, i32::MAX]);
    round_trip(&[i64::MIN, -1, 0, i64::MAX]);
    round_trip(&[f16::MIN, f16::from_f32(0.1), f16::INFINITY, f16::MIN_POSITIVE]);
    round_trip(&[bf16::MIN, bf16::from_f32(0.1), bf16::NEG_INFINITY, bf16::MIN_POSITIVE]);
    round_trip(&[f32::MIN, 0.1, f32::INFINITY, f32::MIN_POSITIVE, 1e-45]);
    round_trip(&[f64::MIN, 0.1, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324]);
    round_trip(&[[1.5_f32, -2.5], [f32::INFINITY, 0.0]]);
}

#[test]
fn nan_and_negative_zero_keep_their_bits() {
    let values = [f32::NAN, -0.0, 0.0];
    let x = Array::from_values(&[3], Layout::RowMajor, values.into_iter()).unwrap();
    let bits: Vec<u32> = x.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect();
    assert_eq!(bits, values.map(f32::to_bits));
}

#[test]
fn bools_are_made_of_truth_values_and_read_as_bytes() {
    let x = Array::from_bools(&[2, 2], Layout::ColumnMajor, [true, false, false, true].into_iter()).unwrap();
    assert_eq!(x.dtype(), Dtype::Bool);
    assert_eq!(x.to_vec::<u8>().unwrap(), [1, 0, 0, 1]);
}

#[test]
fn scalars_exist_in_every_dtype() {
    for (dtype, name, _) in Dtype::ALL {
        let x = Array::scalar(1.0, dtype).unwrap();
        assert_eq!((x.dtype(), x.shape()), (dtype, &[][..]), "{name}");
        let back = x.astype(Dtype::Float32, CPU).unwrap();
        assert_eq!(back.to_vec::<f32>().unwrap(), [1.0], "{name}");
    }
}

#[test]
fn dtypes_know_their_names_kinds_and_sizes() {
    for (dtype, name, size) in Dtype::ALL {
        assert_eq!(Dtype::from_name(name), Some(dtype));
        assert_eq!((dtype.name(), dtype.size()), (name, size));
        assert_eq!(dtype.is_float(), name.contains("float"));
        assert_eq!(dtype.is_integer(), name.contains("int"));
        assert_eq!(dtype.kind() == Kind::Unsigned, name.starts_with("uint"));
    }
    assert_eq!(Dtype::Complex64.kind(), Kind::Complex);
    assert_eq!(Dtype::from_name("float128"), None);
}

#[test]
fn a_wrong_number_of_values_is_a_shape_error() {
    for shape in [&[2, 2][..], &[4], &[], &[-1, -3], &[i32::MAX, i32::MAX, i32::MAX, i32::MAX]] {
        let result = Array::from_values(shape, Layout::RowMajor, [1.0_f32, 2.0, 3.0].into_iter());
        assert!(matches!(result, Err(Error::Shape(_))), "{shape:?}: {result:?}");
    }
}

#[test]
fn reading_as_another_type_is_a_dtype_error() {
    let x = common::vector(&[1.0]);
    assert!(matches!(x.to_vec::<f64>(), Err(Error::Dtype(_))));
    assert!(matches!(x.to_vec::<i32>(), Err(Error::Dtype(_))));
    let bytes = Array::from_values(&[1], Layout::RowMajor, [2_u8].into_iter()).unwrap();
    assert!(matches!(bytes.to_vec::<bool>(), Err(Error::Dtype(_))), "2 is no bool");
}

#[test]
fn too_small_a_buffer_is_a_shape_error() {
    let x = common::vector(&[1.0, 2.0]);
    let mut room: Vec<f32> = Vec::with_capacity(8);
    let result = x.copy_column_major(&mut room.spare_capacity_mut()[..1], |value: f32| value);
    assert!(matches!(result, Err(Error::Shape(_))));
}

#[test]
fn values_are_converted_while_they_are_copied() {
    let x = common::matrix(2, 2, &[1.0, 2.0, 3.0, 4.0]);
    let mut out: Vec<f64> = Vec::with_capacity(4);
    x.copy_column_major(&mut out.spare_capacity_mut()[..4], |value: f32| f64::from(value) * 10.0).unwrap();
    // SAFETY: all four slots have been written.
    unsafe { out.set_len(4) };
    assert_eq!(out, [10.0, 30.0, 20.0, 40.0]);
}
