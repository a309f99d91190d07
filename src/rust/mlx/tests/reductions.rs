//! Every reduction, moment and scan of `ops.table` against an independent computation in `f64`.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{assert_close, f32s, indices, read, sample, vector, CPU};
use mlx::{Array, Layout, Moment, Reduce, Scan};

const INFINITY: f64 = f64::INFINITY;

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

fn reduce_oracle(op: Reduce) -> fn(&[f64]) -> f64 {
    match op {
        Reduce::Sum => sum,
        Reduce::Prod => |v| v.iter().product(),
        Reduce::Min => |v| v.iter().copied().fold(INFINITY, f64::min),
        Reduce::Max => |v| v.iter().copied().fold(-INFINITY, f64::max),
        Reduce::Mean => mean,
        Reduce::All => |v| truth(v.iter().all(|&x| x != 0.0)),
        Reduce::Any => |v| truth(v.iter().any(|&x| x != 0.0)),
    }
}

/// Gathers the elements along `axes` for each index of what is left, and summarises them.
fn reduced(x: &Array, axes: &[i32], summary: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let values = read(x);
    let kept: Vec<usize> = (0..x.ndim()).filter(|&axis| !axes.contains(&(axis as i32))).collect();
    let left: Vec<i32> = kept.iter().map(|&axis| x.shape()[axis]).collect();
    let all = indices(x.shape());
    let of = |target: &Vec<usize>| {
        let mine = all.iter().zip(&values);
        let mine = mine.filter(|(index, _)| kept.iter().zip(target).all(|(&axis, &i)| index[axis] == i));
        summary(&mine.map(|(_, &value)| value).collect::<Vec<_>>())
    };
    indices(&left).iter().map(of).collect()
}

const AXES: [&[i32]; 7] = [&[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];

fn assert_sides(what: &str, x: &Array, axes: &[i32], keepdims: bool, result: &Array) {
    let side = |axis: usize| match (axes.contains(&(axis as i32)), keepdims) {
        (false, _) => Some(x.shape()[axis]),
        (true, true) => Some(1),
        (true, false) => None,
    };
    let expected: Vec<i32> = (0..x.ndim()).filter_map(side).collect();
    assert_eq!(result.shape(), expected, "{what} over {axes:?}");
}

#[test]
fn every_reduction_over_every_set_of_axes() {
    for &(name, op) in Reduce::ALL {
        for shape in [[3, 4, 5], [1, 7, 2], [33, 1, 2]] {
            let mut values = sample(shape.iter().product::<i32>() as usize, -1.5, 1.5);
            values[3] = 0.0;
            for x in [f32s(&shape, Layout::RowMajor, &values), f32s(&shape, Layout::ColumnMajor, &values)] {
                for axes in AXES {
                    for keepdims in [false, true] {
                        let y = x.reduce(op, axes, keepdims, CPU).unwrap();
                        assert_sides(name, &x, axes, keepdims, &y);
                        assert_close(name, &read(&y), &reduced(&x, axes, reduce_oracle(op)), 1e-5);
                    }
                }
            }
        }
    }
}

#[test]
fn reductions_of_nothing() {
    let x = f32s(&[0, 3], Layout::RowMajor, &[]);
    for (op, neutral) in [(Reduce::Sum, 0.0), (Reduce::Prod, 1.0), (Reduce::All, 1.0), (Reduce::Any, 0.0)] {
        assert_eq!(read(&x.reduce(op, &[0], false, CPU).unwrap()), [neutral; 3]);
        assert_eq!(read(&x.reduce(op, &[1], false, CPU).unwrap()), []);
    }
}

#[test]
fn nan_counts_in_reductions() {
    let x = vector(&[1.0, f64::NAN, -2.0]);
    for op in [Reduce::Sum, Reduce::Prod, Reduce::Min, Reduce::Max, Reduce::Mean] {
        assert!(read(&x.reduce(op, &[0], false, CPU).unwrap())[0].is_nan(), "{op:?}");
    }
}

fn sum_of_tenths(n: i32) -> f64 {
    read(&common::repeated(0.1, n).reduce(Reduce::Sum, &[0], false, CPU).unwrap())[0] * 10.0
}

#[test]
fn sums_of_many_numbers_keep_three_digits() {
    assert!((sum_of_tenths(50_000) / 50_000.0 - 1.0).abs() < 1e-3);
}

#[test]
fn sums_of_millions_of_numbers_keep_three_digits() {
    assert!((sum_of_tenths(20_000_000) / 20_000_000.0 - 1.0).abs() < 1e-3);
}

#[test]
fn every_moment() {
    let x = f32s(&[3, 4, 5], Layout::RowMajor, &sample(60, -2.0, 2.0));
    for &(name, op) in Moment::ALL {
        for axes in AXES {
            for ddof in [0, 1] {
                let oracle = |v: &[f64]| {
                    let centre = mean(v);
                    let squares: f64 = v.iter().map(|x| (x - centre).powi(2)).sum();
                    let variance = squares / (v.len() as f64 - f64::from(ddof));
                    match op {
                        Moment::Var => variance,
                        Moment::Std => variance.sqrt(),
                    }
                };
                let y = x.moment(op, axes, true, ddof, CPU).unwrap();
                assert_sides(name, &x, axes, true, &y);
                assert_close(name, &read(&y), &reduced(&x, axes, oracle), 1e-5);
            }
        }
    }
}

/// What a scan starts with, and how it goes on.
fn scan_oracle(op: Scan) -> (f64, fn(f64, f64) -> f64) {
    match op {
        Scan::Cumsum => (0.0, |a, b| a + b),
        Scan::Cumprod => (1.0, |a, b| a * b),
        Scan::Cummax => (-INFINITY, f64::max),
        Scan::Cummin => (INFINITY, f64::min),
        Scan::Logcumsumexp => (-INFINITY, |a, b| (a.exp() + b.exp()).ln()),
    }
}

fn scanned(values: &[f64], op: Scan, reverse: bool, inclusive: bool) -> Vec<f64> {
    let (mut state, step) = scan_oracle(op);
    let mut out = vec![0.0; values.len()];
    let order: Vec<usize> = if reverse { (0..values.len()).rev().collect() } else { (0..values.len()).collect() };
    for i in order {
        let next = step(state, values[i]);
        out[i] = if inclusive { next } else { state };
        state = next;
    }
    out
}

#[test]
fn every_scan_along_every_axis() {
    let shape = [3, 4, 5];
    for &(name, op) in Scan::ALL {
        for x in [Layout::RowMajor, Layout::ColumnMajor].map(|layout| f32s(&shape, layout, &sample(60, -2.0, 2.0))) {
            let values = read(&x);
            let all = indices(&shape);
            for axis in 0..3 {
                for (reverse, inclusive) in [(false, true), (true, true), (false, false), (true, false)] {
                    let mut expected = vec![0.0; 60];
                    for first in all.iter().filter(|index| index[axis] == 0) {
                        let line: Vec<usize> = (0..60)
                            .filter(|&i| (0..3).all(|other| other == axis || all[i][other] == first[other]))
                            .collect();
                        let along: Vec<f64> = line.iter().map(|&i| values[i]).collect();
                        for (&i, value) in line.iter().zip(scanned(&along, op, reverse, inclusive)) {
                            expected[i] = value;
                        }
                    }
                    let y = x.scan(op, axis as i32, reverse, inclusive, CPU).unwrap();
                    let what = format!("{name} along {axis}, reverse {reverse}, inclusive {inclusive}");
                    assert_eq!(y.shape(), shape, "{what}");
                    assert_close(&what, &read(&y), &expected, 1e-5);
                }
            }
        }
    }
}
