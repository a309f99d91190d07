//! Operations with arguments of their own: shapes, parts, types, solving.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{assert_close, matrix, read, sample, vector, CPU};
use mlx::{Array, Binary, Dtype, Layout, Reduce};

fn numbered(shape: &[i32]) -> Array {
    let n: i32 = shape.iter().product();
    Array::from_values(shape, Layout::RowMajor, 0..n).unwrap()
}

#[test]
fn reshaping_takes_the_last_axis_fastest() {
    let x = numbered(&[2, 3]).reshape(&[3, 2], CPU).unwrap();
    assert_eq!(x.to_vec::<i32>().unwrap(), [0, 2, 4, 1, 3, 5]);
    let transposed = numbered(&[2, 3]).reversed(CPU).unwrap().reshape(&[6], CPU).unwrap();
    assert_eq!(transposed.to_vec::<i32>().unwrap(), [0, 3, 1, 4, 2, 5]);
    assert_eq!(numbered(&[0, 3]).reshape(&[3, 0, 1], CPU).unwrap().shape(), [3, 0, 1]);
    assert_eq!(numbered(&[1]).reshape(&[], CPU).unwrap().ndim(), 0);
}

#[test]
fn squeezing_removes_axes_of_length_one() {
    let x = numbered(&[1, 3, 1]);
    assert_eq!(x.squeeze(&[0, 2], CPU).unwrap().shape(), [3]);
    assert_eq!(x.squeeze(&[2], CPU).unwrap().shape(), [1, 3]);
}

#[test]
fn select_chooses_element_by_element() {
    let condition = Array::from_bools(&[3], Layout::RowMajor, [true, false, true].into_iter()).unwrap();
    let chosen = condition.select(&vector(&[1.0, 2.0, 3.0]), &vector(&[-1.0]), CPU).unwrap();
    assert_eq!(read(&chosen), [1.0, -1.0, 3.0]);
}

#[test]
fn rounding_goes_to_the_even_number() {
    assert_eq!(read(&vector(&[0.5, 1.5, 2.5, -0.5, -1.5]).round(0, CPU).unwrap()), [0.0, 2.0, 2.0, 0.0, -2.0]);
    assert_close("two decimals", &read(&vector(&[1.234, -1.238]).round(2, CPU).unwrap()), &[1.23, -1.24], 1e-6);
    assert_eq!(read(&vector(&[1234.0]).round(-2, CPU).unwrap()), [1200.0]);
}

#[test]
fn take_reads_positions_in_any_order() {
    let positions = Array::from_values(&[4], Layout::RowMajor, [2, 0, 0, 1].into_iter()).unwrap();
    let x = numbered(&[2, 3]);
    let y = x.take(&positions, 1, CPU).unwrap();
    assert_eq!(y.shape(), [2, 4]);
    assert_eq!(y.to_vec::<i32>().unwrap(), [2, 5, 0, 3, 0, 3, 1, 4]);
    let none = Array::from_values(&[0], Layout::RowMajor, std::iter::empty::<i32>()).unwrap();
    assert_eq!(x.take(&none, 0, CPU).unwrap().shape(), [0, 3]);
}

#[test]
fn every_dtype_converts_to_every_other() {
    let values = [0.0, 1.0, 3.0];
    for (from, from_name, _) in Dtype::ALL {
        let x = vector(&values).astype(from, CPU).unwrap();
        for (to, to_name, _) in Dtype::ALL {
            let y = x.astype(to, CPU).unwrap();
            assert_eq!(y.dtype(), to);
            let one = |v: f64| f64::from(u8::from(v != 0.0));
            let truth = from == Dtype::Bool || to == Dtype::Bool;
            let expected: Vec<f64> = values.iter().map(|&v| if truth { one(v) } else { v }).collect();
            let back = if to == Dtype::Complex64 { y.real(CPU).unwrap() } else { y };
            assert_eq!(read(&back), expected, "{from_name} to {to_name}");
        }
    }
}

#[test]
fn solutions_fulfil_their_equations() {
    for n in [1, 2, 5] {
        let mut values = sample((n * n) as usize, -1.0, 1.0);
        (0..n as usize).for_each(|i| values[i * (n as usize + 1)] += 3.0);
        let a = matrix(n, n, &values);
        let b = matrix(n, 2, &sample(2 * n as usize, -1.0, 1.0));
        let [x, _] = a.solve(&b).unwrap();
        assert_close("A x", &read(&a.binary(Binary::Matmul, &x, CPU).unwrap()), &read(&b), 1e-5);
    }
}

#[test]
fn broadcasting_repeats_without_copying() {
    let x = vector(&[1.0]).broadcast_to(&[1 << 12, 1 << 12], CPU).unwrap();
    assert_eq!(read(&x.reduce(Reduce::Max, &[0, 1], false, CPU).unwrap()), [1.0]);
}
