//! Joining, parting and reshaping of arrays that are stored in other orders.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::CPU;
use mlx::{Array, Binary, Dtype, Layout};

fn twice(x: &Array) -> Vec<i32> {
    let two = Array::scalar(2.0, Dtype::Int32).unwrap();
    x.binary(Binary::Multiply, &two, CPU).unwrap().to_vec::<i32>().unwrap()
}

#[test]
fn parts_of_a_view_with_steps_backwards_are_its_elements() {
    let x = Array::from_values(&[6], Layout::RowMajor, 0..6).unwrap();
    let back = x.slice(&[5], &[-7], &[-1], CPU).unwrap();
    let parts = back.split(&[1, 3], 0, CPU).unwrap();
    assert_eq!(parts.iter().map(twice).collect::<Vec<_>>(), [vec![10], vec![8, 6], vec![4, 2, 0]]);
}

#[test]
fn an_axis_parted_from_column_major_storage_meets_its_partner() {
    let x = Array::from_values(&[2, 6], Layout::ColumnMajor, 0..12).unwrap();
    let ones = Array::from_values(&[2, 2, 3], Layout::ColumnMajor, (0..12).map(|i| i % 2)).unwrap();
    let parted = x.reshape(&[2, 2, 3], CPU).unwrap().binary(Binary::Multiply, &ones, CPU).unwrap();
    // the first index of x counts 0 and 1, and only the second row is kept
    assert_eq!(parted.to_vec::<i32>().unwrap(), [0, 1, 0, 7, 0, 3, 0, 9, 0, 5, 0, 11]);
}

#[test]
fn pieces_are_joined_in_order() {
    let x = Array::from_values(&[2, 1], Layout::RowMajor, 0..2).unwrap();
    let wide = x.repeat(2, 1, CPU).unwrap();
    let joined = Array::concatenate([&x, &wide], 1, CPU).unwrap();
    assert_eq!(joined.shape(), [2, 3]);
    assert_eq!(joined.to_vec::<i32>().unwrap(), [0, 1, 0, 1, 0, 1]);
    assert_eq!(joined.tile(&[2, 1], CPU).unwrap().shape(), [4, 3]);
    assert_eq!(x.roll(1, 0, CPU).unwrap().to_vec::<i32>().unwrap(), [1, 0]);
}
