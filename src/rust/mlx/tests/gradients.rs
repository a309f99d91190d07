//! Gradients in closed form and by differences, and closures that fail.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{assert_close, matrix, read, sample, vector, CPU};
use mlx::transforms::{value_and_grad, Closure, Traced};
use mlx::{Array, Binary, Dtype, Error, Reduce, Unary};

/// A closure of operations that must succeed.
fn closure(function: impl Fn(&[Array]) -> Array + 'static) -> Closure {
    Closure::new(move |inputs| Ok((vec![function(&inputs)], vec![])))
}

fn total(x: &Array) -> Array {
    let axes: Vec<i32> = (0..x.ndim() as i32).collect();
    x.reduce(Reduce::Sum, &axes, false, CPU).unwrap()
}

fn with(op: Binary, x: &Array, y: &Array) -> Array {
    x.binary(op, y, CPU).unwrap()
}

#[test]
fn the_gradient_of_a_sum_of_cubes() {
    let x = vector(&[1.0, -2.0, 0.5]);
    let mut f = closure(|x| total(&with(Binary::Multiply, &x[0], &x[0].unary(Unary::Square, CPU).unwrap())));
    let out = value_and_grad(&mut f, &[&x], &[0]).unwrap();
    assert_close("value", &read(&out[0]), &[1.0 - 8.0 + 0.125], 1e-6);
    assert_close("gradient", &read(&out[1]), &[3.0, 12.0, 0.75], 1e-6);
}

#[test]
fn gradients_come_in_the_order_of_the_inputs() {
    let (x, y) = (vector(&[1.0, 2.0]), vector(&[5.0, 7.0]));
    let mut f = closure(|x| total(&with(Binary::Multiply, &x[0], &x[1].unary(Unary::Square, CPU).unwrap())));
    for argnums in [[0, 1], [1, 0]] {
        let out = value_and_grad(&mut f, &[&x, &y], &argnums).unwrap();
        assert_eq!(out.len(), 3);
        assert_close("with respect to x", &read(&out[1]), &[25.0, 49.0], 1e-6);
        assert_close("with respect to y", &read(&out[2]), &[10.0, 28.0], 1e-6);
    }
    let second = value_and_grad(&mut f, &[&x, &y], &[1]).unwrap();
    assert_close("with respect to y only", &read(&second[1]), &[10.0, 28.0], 1e-6);
}

#[test]
fn matrix_products_have_their_textbook_gradient() {
    let (x, w) = (matrix(3, 2, &sample(6, -1.0, 1.0)), matrix(2, 4, &sample(8, -1.0, 1.0)));
    let mut f = closure(|a| total(&with(Binary::Matmul, &a[0], &a[1]).unary(Unary::Square, CPU).unwrap()));
    let out = value_and_grad(&mut f, &[&x, &w], &[0, 1]).unwrap();
    // d sum((x w)^2) = 2 (x w) t(w) and 2 t(x) (x w)
    let twice = with(Binary::Multiply, &with(Binary::Matmul, &x, &w), &Array::scalar(2.0, Dtype::Float32).unwrap());
    let by_x = with(Binary::Matmul, &twice, &w.reversed(CPU).unwrap());
    let by_w = with(Binary::Matmul, &x.reversed(CPU).unwrap(), &twice);
    assert_close("x", &read(&out[1]), &read(&by_x), 1e-5);
    assert_close("w", &read(&out[2]), &read(&by_w), 1e-5);
    assert_eq!((out[1].shape(), out[2].shape()), (x.shape(), w.shape()));
}

#[test]
fn every_smooth_unary_operation_against_differences() {
    // within the domain of all of them, or moved there
    for &(name, op) in Unary::ALL {
        let steps = matches!(op, Unary::Sign | Unary::Floor | Unary::Ceiling);
        if op == Unary::StopGradient || matches!(op, Unary::LogicalNot | Unary::Isnan | Unary::Isinf | Unary::Isfinite)
        {
            continue;
        }
        let shift = if op == Unary::Acosh { 1.5 } else { 0.1 };
        let points: Vec<f64> = sample(7, 0.0, 0.7).iter().map(|v| v + shift).collect();
        let mut f = closure(move |x| total(&x[0].unary(op, CPU).unwrap()));
        let out = value_and_grad(&mut f, &[&vector(&points)], &[0]).unwrap();
        let value = |v: &[f64]| read(&vector(v).unary(op, CPU).unwrap());
        let h = 1e-2;
        let moved = |by: f64| value(&points.iter().map(|v| v + by * h).collect::<Vec<_>>());
        // differences of fourth order: their error is far below that of single precision
        let (a, b, c, d) = (moved(-2.0), moved(-1.0), moved(1.0), moved(2.0));
        let slope = |i: usize| if steps { 0.0 } else { (a[i] - 8.0 * b[i] + 8.0 * c[i] - d[i]) / (12.0 * h) };
        let expected: Vec<f64> = (0..points.len()).map(slope).collect();
        assert_close(name, &read(&out[1]), &expected, 3e-3);
    }
}

#[test]
fn broadcast_arguments_gather_their_gradients() {
    let (x, b) = (matrix(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), vector(&[1.0, 1.0, 1.0]));
    let mut f = closure(|a| total(&with(Binary::Multiply, &a[0], &a[1])));
    let out = value_and_grad(&mut f, &[&x, &b], &[1]).unwrap();
    assert_eq!(read(&out[1]), [5.0, 7.0, 9.0]);
}

#[test]
fn unused_arguments_have_a_gradient_of_zeros() {
    let (x, y) = (vector(&[1.0, 2.0]), vector(&[3.0]));
    let mut f = closure(|a| total(&a[0]));
    let out = value_and_grad(&mut f, &[&x, &y], &[0, 1]).unwrap();
    assert_eq!((read(&out[1]), read(&out[2])), (vec![1.0, 1.0], vec![0.0]));
}

#[test]
fn stopped_gradients_count_as_constants() {
    let x = vector(&[3.0]);
    let mut f = closure(|a| total(&with(Binary::Multiply, &a[0].unary(Unary::StopGradient, CPU).unwrap(), &a[0])));
    assert_eq!(read(&value_and_grad(&mut f, &[&x], &[0]).unwrap()[1]), [3.0]);
}

#[test]
fn further_outputs_come_along() {
    let mut f = Closure::new(|x| Ok((vec![total(&x[0]), x[0].unary(Unary::Negative, CPU).unwrap()], vec![])));
    let out = value_and_grad(&mut f, &[&vector(&[1.0, 2.0])], &[0]).unwrap();
    assert_eq!(out.len(), 3);
    assert_eq!((read(&out[1]), read(&out[2])), (vec![-1.0, -2.0], vec![1.0, 1.0]));
}

#[test]
fn derivatives_of_derivatives() {
    let mut slope = Closure::new(|x| {
        let mut cube = closure(|a| total(&with(Binary::Multiply, &a[0], &a[0].unary(Unary::Square, CPU).unwrap())));
        let out = value_and_grad(&mut cube, &[&x[0]], &[0]).map_err(|_| ())?;
        Ok((vec![total(&out[1])], vec![]))
    });
    let out = value_and_grad(&mut slope, &[&vector(&[2.0, -1.0])], &[0]).unwrap();
    assert_close("second derivative of x^3", &read(&out[1]), &[12.0, -6.0], 1e-6);
}

#[test]
fn values_can_be_read_while_a_function_is_differentiated() {
    let mut f = Closure::new(|x| {
        let positive = x[0].to_vec::<f32>().map_err(|_| ())?[0] > 0.0;
        Ok((vec![if positive { total(&x[0]) } else { total(&x[0].unary(Unary::Negative, CPU).unwrap()) }], vec![]))
    });
    assert_eq!(read(&value_and_grad(&mut f, &[&vector(&[2.0])], &[0]).unwrap()[1]), [1.0]);
    assert_eq!(read(&value_and_grad(&mut f, &[&vector(&[-2.0])], &[0]).unwrap()[1]), [-1.0]);
}

#[test]
fn inputs_are_tracers_only_inside() {
    let x = vector(&[1.0]);
    let mut f = Closure::new(|x| if x[0].is_tracer() { Ok((vec![total(&x[0])], vec![])) } else { Err(()) });
    let out = value_and_grad(&mut f, &[&x], &[0]).unwrap();
    assert!(!x.is_tracer() && out.iter().all(|array| !array.is_tracer()));
}

#[test]
fn long_chains_are_differentiated() {
    let mut f = closure(|x| {
        let mut y = x[0].clone();
        for _ in 0..20_000 {
            y = with(Binary::Add, &y, &x[0]);
        }
        total(&y)
    });
    assert_eq!(read(&value_and_grad(&mut f, &[&vector(&[1.0])], &[0]).unwrap()[1]), [20_001.0]);
}

#[test]
fn what_cannot_be_differentiated_is_an_error() {
    let x = vector(&[1.0, 2.0]);
    let refused = |mut f: Closure, argnums: &[i32]| {
        let error = value_and_grad(&mut f, &[&x], argnums).unwrap_err();
        assert!(!matches!(error, Error::Callback | Error::Interrupted), "{error:?}");
    };
    refused(closure(|a| a[0].clone()), &[0]);
    refused(closure(|a| total(&a[0])), &[1]);
    refused(closure(|a| total(&a[0])), &[0, 0]);
}

fn fails(_: Vec<Array>) -> Traced {
    Err(())
}

#[test]
fn failures_and_panics_of_closures_end_as_callback_errors() {
    let x = vector(&[1.0]);
    let panics = |_: Vec<Array>| -> Traced { panic!("this text is for nobody") };
    let too_late = |x: Vec<Array>| -> Traced {
        let _ = total(&x[0]);
        panic!("after some work")
    };
    for mut f in [Closure::new(fails), Closure::new(panics), Closure::new(too_late)] {
        for _ in 0..2 {
            assert_eq!(value_and_grad(&mut f, &[&x], &[0]).unwrap_err(), Error::Callback);
        }
    }
    let mut good = closure(|a| total(&a[0]));
    assert_eq!(read(&value_and_grad(&mut good, &[&x], &[0]).unwrap()[1]), [1.0]);
}

#[test]
fn a_failure_inside_a_nested_gradient_reaches_the_outer_one() {
    let mut outer = Closure::new(|x| {
        let inner = value_and_grad(&mut Closure::new(fails), &[&x[0]], &[0]);
        assert_eq!(inner.unwrap_err(), Error::Callback);
        Err(())
    });
    assert_eq!(value_and_grad(&mut outer, &[&vector(&[1.0])], &[0]).unwrap_err(), Error::Callback);
}

#[test]
fn a_closure_that_fails_once_can_be_called_again() {
    let mut calls = 0;
    let mut f = Closure::new(move |x| {
        calls += 1;
        if calls == 1 {
            return Err(());
        }
        Ok((vec![total(&x[0])], vec![]))
    });
    let x = vector(&[1.0]);
    assert_eq!(value_and_grad(&mut f, &[&x], &[0]).unwrap_err(), Error::Callback);
    assert_eq!(read(&value_and_grad(&mut f, &[&x], &[0]).unwrap()[1]), [1.0]);
}
