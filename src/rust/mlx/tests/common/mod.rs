//! What the test files share: making arrays, walking indices, comparing with oracles computed in `f64`.
#![allow(dead_code)]

use mlx::{Array, Device, Dtype, Layout};

pub const CPU: Device = Device::Cpu;

/// Is this our own build of MLX, with its edits, and not one that was there (`MLX_PREFIX`)?
pub fn built_here() -> bool {
    option_env!("MLX_PREFIX").is_none_or(str::is_empty)
}

/// `n` times the same number, in memory of their own.
pub fn repeated(value: f64, n: i32) -> Array {
    vector(&[value]).broadcast_to(&[n], CPU).unwrap().contiguous(CPU).unwrap()
}

/// All indices of a shape, the first axis fastest, as [`Array::to_vec`] orders its elements.
pub fn indices(shape: &[i32]) -> Vec<Vec<usize>> {
    let total: usize = shape.iter().map(|&side| side as usize).product();
    let index = |mut rest: usize| {
        shape
            .iter()
            .map(|&side| {
                let i = rest % side as usize;
                rest /= side as usize;
                i
            })
            .collect()
    };
    (0..total).map(index).collect()
}

/// Where an index lies when the last axis runs fastest.
pub fn row_major(index: &[usize], shape: &[i32]) -> usize {
    index.iter().zip(shape).fold(0, |at, (&i, &side)| at * side as usize + i)
}

pub fn f32s(shape: &[i32], layout: Layout, values: &[f64]) -> Array {
    Array::from_values(shape, layout, values.iter().map(|&v| v as f32)).unwrap()
}

/// A vector of `float32`.
pub fn vector(values: &[f64]) -> Array {
    f32s(&[values.len() as i32], Layout::RowMajor, values)
}

/// A matrix of `float32`, given by rows.
pub fn matrix(rows: i32, columns: i32, values: &[f64]) -> Array {
    f32s(&[rows, columns], Layout::RowMajor, values)
}

/// The elements as `f64`, the first axis fastest; `bool` as 0 and 1.
pub fn read(x: &Array) -> Vec<f64> {
    match x.dtype() {
        Dtype::Float64 => x.to_vec::<f64>().unwrap(),
        Dtype::Bool => x.to_vec::<u8>().unwrap().into_iter().map(f64::from).collect(),
        _ => {
            let single = x.astype(Dtype::Float32, CPU).unwrap();
            single.to_vec::<f32>().unwrap().into_iter().map(f64::from).collect()
        }
    }
}

/// Values that are no round numbers and differ from each other.
pub fn sample(n: usize, low: f64, high: f64) -> Vec<f64> {
    (0..n).map(|i| low + (high - low) * ((i as f64 + 0.37) * 0.618_033_988_75).fract()).collect()
}

/// Compares within `tolerance`, relative to the greater of 1 and the expected value; NaN equals NaN.
pub fn assert_close(what: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: number of elements");
    for (i, (&a, &e)) in actual.iter().zip(expected).enumerate() {
        let same = a == e || (a.is_nan() && e.is_nan());
        assert!(
            same || (a - e).abs() <= tolerance * e.abs().max(1.0),
            "{what}: element {i} is {a}, expected {e} (all: {actual:?}, expected {expected:?})"
        );
    }
}
