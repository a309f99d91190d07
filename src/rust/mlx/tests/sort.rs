//! Sorting and selection, softmax and the Hadamard transform, against plain Rust.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{assert_close, matrix, read, sample, vector, CPU};
use mlx::{Array, Dtype};

/// The rows of a 4 x 6 sample, and the array of them.
fn rows() -> (Vec<Vec<f64>>, Array) {
    let x = matrix(4, 6, &sample(24, -3.0, 3.0));
    let values = read(&x.transpose(&[1, 0], CPU).unwrap());
    (values.chunks(6).map(<[f64]>::to_vec).collect(), x)
}

fn read_rows(x: &Array) -> Vec<Vec<f64>> {
    let width = x.shape()[1] as usize;
    read(&x.transpose(&[1, 0], CPU).unwrap()).chunks(width).map(<[f64]>::to_vec).collect()
}

#[test]
fn sort_and_its_positions() {
    let (rows, x) = rows();
    let sorted = read_rows(&x.sort(1, CPU).unwrap());
    let positions = read_rows(&x.argsort(1, CPU).unwrap().astype(Dtype::Float32, CPU).unwrap());
    for ((row, sorted), positions) in rows.iter().zip(sorted).zip(positions) {
        let mut expected = row.clone();
        expected.sort_by(f64::total_cmp);
        assert_close("sort", &sorted, &expected, 0.0);
        let picked: Vec<f64> = positions.iter().map(|&i| row[i as usize]).collect();
        assert_close("argsort", &picked, &expected, 0.0);
    }
}

#[test]
fn partition_and_its_positions() {
    let (rows, x) = rows();
    for kth in 0..6 {
        let parts = read_rows(&x.partition(kth, 1, CPU).unwrap());
        let positions = read_rows(&x.argpartition(kth, 1, CPU).unwrap().astype(Dtype::Float32, CPU).unwrap());
        for ((row, part), positions) in rows.iter().zip(parts).zip(positions) {
            let mut expected = row.clone();
            expected.sort_by(f64::total_cmp);
            let at = kth as usize;
            assert_close("partition", &part[at..=at], &expected[at..=at], 0.0);
            assert!(part[..at].iter().all(|v| *v <= part[at]) && part[at..].iter().all(|v| *v >= part[at]));
            assert_close("argpartition", &[row[positions[at] as usize]], &expected[at..=at], 0.0);
        }
    }
}

#[test]
fn nan_sorts_last() {
    let x = vector(&[f64::NAN, 1.0, f64::INFINITY, -1.0]);
    assert_close("sort", &read(&x.sort(0, CPU).unwrap()), &[-1.0, 1.0, f64::INFINITY, f64::NAN], 0.0);
    let order = x.argsort(0, CPU).unwrap();
    assert_eq!(order.to_vec::<u32>().unwrap(), [3, 1, 2, 0]);
    assert_close("take_along_axis", &read(&x.take_along_axis(&order, 0, CPU).unwrap())[..2], &[-1.0, 1.0], 0.0);
}

#[test]
fn the_first_extreme_is_found() {
    let x = vector(&[1.0, 3.0, -2.0, 3.0, -2.0]);
    assert_eq!(x.argmax(0, false, CPU).unwrap().to_vec::<u32>().unwrap(), [1]);
    assert_eq!(x.argmin(0, true, CPU).unwrap().to_vec::<u32>().unwrap(), [2]);
    assert_eq!(x.argmin(0, true, CPU).unwrap().shape(), [1]);
}

#[test]
fn positions_that_are_not_there_are_refused() {
    let x = vector(&[1.0, 2.0]);
    assert!(x.sort(1, CPU).is_err() && x.argsort(1, CPU).is_err());
    assert!(x.partition(2, 0, CPU).is_err() && x.argpartition(2, 0, CPU).is_err());
    assert!(vector(&[]).argmax(0, false, CPU).is_err());
    assert!(x.take_along_axis(&x.argsort(0, CPU).unwrap(), 1, CPU).is_err());
}

#[test]
fn softmax_sums_to_one() {
    let (rows, x) = rows();
    for precise in [false, true] {
        let soft = read_rows(&x.softmax(&[1], precise, CPU).unwrap());
        for (row, soft) in rows.iter().zip(soft) {
            let total: f64 = row.iter().map(|v| v.exp()).sum();
            let expected: Vec<f64> = row.iter().map(|v| v.exp() / total).collect();
            assert_close("softmax", &soft, &expected, 1e-6);
        }
    }
}

#[test]
fn the_hadamard_transform_is_orthogonal() {
    for (length, odd) in [(1, 1), (8, 1), (12, 12), (40, 20), (28, 28)] {
        let values = sample(length, -1.0, 1.0);
        let x = vector(&values);
        let once = x.hadamard(1.0, odd, CPU).unwrap();
        let norm = |x: &Array| read(x).iter().map(|v| v * v).sum::<f64>();
        let ratio = norm(&once) / norm(&x);
        assert_close("norm", &[ratio], &[length as f64], 1e-4);
    }
    let x = vector(&[1.0, 2.0, 3.0, 4.0]);
    assert_close("hadamard", &read(&x.hadamard(0.5, 1, CPU).unwrap()), &[5.0, -1.0, -2.0, 0.0], 1e-6);
}
