//! Products with Jacobians, vectorised functions, custom rules, checkpoints and sketches.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{assert_close, matrix, read, vector, CPU};
use mlx::compile::Sketch;
use mlx::custom::{checkpoint, custom, Rules};
use mlx::transforms::{jvp, value_and_grad, vjp, vmap, Closure};
use mlx::{Array, Binary, Error, Reduce, Unary};

fn square(x: &Array) -> Array {
    x.binary(Binary::Multiply, x, CPU).unwrap()
}

fn total(x: &Array) -> Array {
    x.reduce_all(Reduce::Sum, CPU).unwrap()
}

/// x squared, and x again, twice.
fn outputs() -> Closure {
    Closure::new(|x| Ok((vec![square(&x[0]), x[0].clone(), x[0].clone()], vec![])))
}

#[test]
fn every_cotangent_counts() {
    let (x, one) = (vector(&[2.0, 3.0]), vector(&[1.0, 1.0]));
    let all = vjp(&mut outputs(), &[&x], &[one.clone(), one.clone(), one]).unwrap();
    assert_close("x^2", &read(&all[0]), &[4.0, 9.0], 1e-6);
    assert_close("2 x + 1 + 1", &read(&all[3]), &[6.0, 8.0], 1e-6);
    assert!(vjp(&mut outputs(), &[&x], &[vector(&[1.0])]).is_err(), "too few");
}

#[test]
fn tangents_go_forward() {
    let all = jvp(&mut outputs(), &[&vector(&[2.0, 3.0])], &[vector(&[1.0, 10.0])]).unwrap();
    assert_close("2 x t", &read(&all[3]), &[4.0, 60.0], 1e-6);
    assert_close("t", &read(&all[4]), &[1.0, 10.0], 1e-6);
}

#[test]
fn parts_are_computed_together() {
    let x = matrix(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let mut f = Closure::new(|x| Ok((vec![total(&x[0]), square(&x[0])], vec![0, 1])));
    let out = vmap(&mut f, &[&x], &[0]).unwrap();
    assert_close("sums of rows", &read(&out[0]), &[6.0, 15.0], 1e-6);
    assert_eq!(out[1].shape(), [3, 2]);
    let mut fails = Closure::new(|_| Err(()));
    assert_eq!(vmap(&mut fails, &[&x], &[0]).unwrap_err(), Error::Callback);
}

#[test]
fn long_chains_are_vectorised() {
    let mut f = Closure::new(|x| {
        let mut y = x[0].clone();
        for _ in 0..50_000 {
            y = y.unary(Unary::Negative, CPU).map_err(|_| ())?;
        }
        Ok((vec![y], vec![0]))
    });
    assert_close("minus minus", &read(&vmap(&mut f, &[&vector(&[1.0, 2.0])], &[0]).unwrap()[0]), &[1.0, 2.0], 1e-6);
}

#[test]
fn rules_replace_derivatives() {
    let mut f = Closure::new(|x| {
        let rules = Rules { vjp: Some(Closure::new(|all| Ok((vec![all[1].clone()], vec![])))), ..Rules::default() };
        let outputs = custom(&x, &[square(&x[0])], rules).map_err(|_| ())?;
        Ok((vec![total(&outputs[0])], vec![]))
    });
    let out = value_and_grad(&mut f, &[&vector(&[2.0, 3.0])], &[0]).unwrap();
    assert_close("the value", &read(&out[0]), &[13.0], 1e-6);
    assert_close("the cotangent itself", &read(&out[1]), &[1.0, 1.0], 1e-6);
}

#[test]
fn checkpoints_reach_what_a_function_captures() {
    let mut f = Closure::new(|x| {
        let product = x[0].binary(Binary::Multiply, &x[1], CPU).map_err(|_| ())?;
        let outputs = checkpoint(&x[..1], &[square(&product)]).map_err(|_| ())?;
        Ok((vec![total(&outputs[0])], vec![]))
    });
    let out = value_and_grad(&mut f, &[&vector(&[2.0]), &vector(&[3.0])], &[0, 1]).unwrap();
    assert_close("2 x w^2", &read(&out[1]), &[36.0], 1e-6);
    assert_close("2 x^2 w", &read(&out[2]), &[24.0], 1e-6);
}

#[test]
fn sketches_serve_other_shapes_or_refuse() {
    let mut f = Closure::new(|x| {
        let product = x[0].binary(Binary::Matmul, &x[1], CPU).map_err(|_| ())?;
        Ok((vec![total(&product)], vec![]))
    });
    let sketch = Sketch::new(&mut f, &[&matrix(1, 2, &[1.0, 2.0]), &matrix(2, 1, &[3.0, 4.0])]).unwrap();
    let out = sketch.build(&[matrix(1, 2, &[1.0, 2.0]), matrix(2, 1, &[3.0, 4.0])]).unwrap();
    assert_close("11", &read(&out[0]), &[11.0], 1e-6);
    let (a, b) = (matrix(3, 1, &[1.0, 2.0, 3.0]), matrix(1, 2, &[1.0, 1.0]));
    assert_close("12", &read(&sketch.build_at_other_shapes(&[a.clone(), b]).unwrap()[0]), &[12.0], 1e-6);
    assert!(sketch.build_at_other_shapes(&[a.clone(), a]).is_err(), "3 x 1 times 3 x 1");
}
