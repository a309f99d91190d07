//! Reading memory in every order: transposed, sliced, repeated, in sizes around those of a tile.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{indices, row_major, CPU};
use mlx::{Array, Layout};

const SIDES: [i32; 8] = [0, 1, 2, 3, 31, 32, 33, 65];

fn numbered(shape: &[i32]) -> Array {
    let n: i32 = shape.iter().product();
    Array::from_values(shape, Layout::RowMajor, 0..n).unwrap()
}

#[test]
fn matrices_of_odd_sizes() {
    for rows in SIDES {
        for columns in SIDES {
            let shape = [rows, columns];
            let x = numbered(&shape);
            let expected: Vec<i32> = indices(&shape).iter().map(|i| row_major(i, &shape) as i32).collect();
            assert_eq!(x.to_vec::<i32>().unwrap(), expected, "{shape:?}");
            let back: Vec<i32> = (0..rows * columns).collect();
            assert_eq!(x.reversed(CPU).unwrap().to_vec::<i32>().unwrap(), back, "{shape:?} transposed");
        }
    }
}

#[test]
fn every_order_of_three_axes() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for shape in [[2, 33, 3], [1, 4, 35], [34, 1, 2], [3, 0, 2], [1, 1, 1]] {
        let x = numbered(&shape);
        for order in orders {
            let y = x.transpose(&order, CPU).unwrap();
            let turned = order.map(|axis| shape[axis as usize]);
            assert_eq!(y.shape(), turned);
            let original = |index: &Vec<usize>| {
                let mut source = [0; 3];
                for (k, &axis) in order.iter().enumerate() {
                    source[axis as usize] = index[k];
                }
                row_major(&source, &shape) as i32
            };
            let expected: Vec<i32> = indices(&turned).iter().map(original).collect();
            assert_eq!(y.to_vec::<i32>().unwrap(), expected, "{shape:?} in the order {order:?}");
        }
    }
}

#[test]
fn slices_with_steps_forward_and_back() {
    let shape = [7, 35];
    let x = numbered(&shape);
    // from, up to, step; and the positions that this means
    let rows = [(1, 7, 2, vec![1, 3, 5]), (6, -8, -3, vec![6, 3, 0]), (2, 3, 1, vec![2]), (4, 4, 1, vec![])];
    let columns =
        [(0, 35, 1, (0..35).collect::<Vec<i32>>()), (34, -36, -1, (0..35).rev().collect()), (33, 35, 5, vec![33])];
    for (r0, r1, r, row) in &rows {
        for (c0, c1, c, column) in &columns {
            let part = x.slice(&[*r0, *c0], &[*r1, *c1], &[*r, *c], CPU).unwrap();
            let expected: Vec<i32> = column.iter().flat_map(|j| row.iter().map(move |i| i * 35 + j)).collect();
            assert_eq!(part.to_vec::<i32>().unwrap(), expected, "rows {r0}:{r1}:{r}, columns {c0}:{c1}:{c}");
            let flipped: Vec<i32> = row.iter().flat_map(|i| column.iter().map(move |j| i * 35 + j)).collect();
            assert_eq!(part.reversed(CPU).unwrap().to_vec::<i32>().unwrap(), flipped, "the same, transposed");
        }
    }
}

#[test]
fn repeated_axes_have_no_memory_of_their_own() {
    let row = numbered(&[1, 3]).broadcast_to(&[34, 3], CPU).unwrap();
    assert_eq!(row.to_vec::<i32>().unwrap(), [vec![0; 34], vec![1; 34], vec![2; 34]].concat());
    let column = numbered(&[3, 1]).broadcast_to(&[2, 3, 2], CPU).unwrap();
    assert_eq!(column.to_vec::<i32>().unwrap(), [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    let scalar = Array::scalar(5.0, mlx::Dtype::Int32).unwrap().broadcast_to(&[2, 0], CPU).unwrap();
    assert_eq!(scalar.to_vec::<i32>().unwrap(), []);
}

#[test]
fn four_axes_transposed_and_sliced() {
    let shape = [3, 4, 5, 6];
    let x = numbered(&shape);
    let y = x.transpose(&[2, 0, 3, 1], CPU).unwrap();
    let y = y.slice(&[1, 0, 5, 0], &[5, 3, 0, 4], &[2, 1, -2, 3], CPU).unwrap();
    assert_eq!(y.shape(), [2, 3, 3, 2]);
    let at = |i: &Vec<usize>| row_major(&[i[1], 3 * i[3], 1 + 2 * i[0], 5 - 2 * i[2]], &shape) as i32;
    let expected: Vec<i32> = indices(y.shape()).iter().map(at).collect();
    assert_eq!(y.to_vec::<i32>().unwrap(), expected);
}

#[test]
fn contiguous_copies_keep_the_values() {
    let x = numbered(&[5, 33]).reversed(CPU).unwrap().slice(&[1, 0], &[33, 5], &[3, 2], CPU).unwrap();
    let copy = x.contiguous(CPU).unwrap();
    assert_eq!(copy.to_vec::<i32>().unwrap(), x.to_vec::<i32>().unwrap());
}

#[test]
fn wide_and_narrow_elements_are_read_alike() {
    let shape = [33, 34];
    let expected: Vec<i32> = numbered(&shape).to_vec().unwrap();
    let bytes = Array::from_values(&shape, Layout::RowMajor, (0..33 * 34).map(|i| i as u8)).unwrap();
    assert_eq!(bytes.to_vec::<u8>().unwrap(), expected.iter().map(|&i| i as u8).collect::<Vec<_>>());
    let doubles = Array::from_values(&shape, Layout::RowMajor, (0..33 * 34).map(f64::from)).unwrap();
    assert_eq!(doubles.to_vec::<f64>().unwrap(), expected.iter().map(|&i| f64::from(i)).collect::<Vec<_>>());
}
