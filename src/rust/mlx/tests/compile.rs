//! Compiled functions: one trace for each signature, tags, failures, kernels.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{assert_close, matrix, read, sample, vector, CPU};
use mlx::compile::{set_mode, Compiled, Mode};
use mlx::transforms::{value_and_grad, Closure};
use mlx::{runtime, Array, Binary, Dtype, Error, Reduce, Unary};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Once;

/// Kernels go to a folder that is new in each run: their names do not tell one build of MLX from another.
fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernels");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        runtime::set_kernel_folder(folder.to_str().unwrap());
    });
}

/// exp(x) * x + 1, element by element, and a count of its traces, which is also the tag.
fn counted() -> (Compiled, Rc<Cell<u64>>) {
    start();
    let traces = Rc::new(Cell::new(0));
    let count = traces.clone();
    let f = Closure::new(move |x| {
        count.set(count.get() + 1);
        Ok((vec![formula(&x[0])], vec![count.get()]))
    });
    (Compiled::new(f), traces)
}

fn formula(x: &Array) -> Array {
    let one = Array::scalar(1.0, x.dtype()).unwrap();
    let product = x.unary(Unary::Exp, CPU).unwrap().binary(Binary::Multiply, x, CPU).unwrap();
    product.binary(Binary::Add, &one, CPU).unwrap()
}

fn check(f: &Compiled, x: &Array) -> u64 {
    let (out, tag) = f.call(&[x], false).unwrap();
    let expected: Vec<f64> = read(x).iter().map(|v| v.exp() * v + 1.0).collect();
    assert_eq!((out.len(), out[0].shape(), out[0].dtype()), (1, x.shape(), x.dtype()));
    assert_close("exp(x) * x + 1", &read(&out[0]), &expected, if x.dtype() == Dtype::Float16 { 1e-2 } else { 1e-5 });
    tag
}

#[test]
fn nothing_is_traced_before_the_first_call() {
    let (f, traces) = counted();
    assert_eq!(traces.get(), 0);
    drop(f);
    assert_eq!(Rc::strong_count(&traces), 1, "the closure goes with the compiled function");
}

#[test]
fn one_trace_serves_one_signature() {
    let (f, traces) = counted();
    for _ in 0..3 {
        assert_eq!(check(&f, &vector(&sample(4, -1.0, 1.0))), 1);
    }
    assert_eq!(traces.get(), 1);
    assert_eq!(check(&f, &vector(&sample(5, -1.0, 1.0))), 2, "another length");
    assert_eq!(check(&f, &matrix(2, 2, &sample(4, -1.0, 1.0))), 3, "another number of axes");
    assert_eq!(check(&f, &vector(&[0.5]).astype(Dtype::Float16, CPU).unwrap()), 4, "another dtype");
    assert_eq!(check(&f, &vector(&[])), 5, "nothing at all");
    assert_eq!(check(&f, &vector(&sample(4, 0.0, 1.0))), 1, "the first one again, with its tag");
    assert_eq!(traces.get(), 5);
}

#[test]
fn slices_and_transposed_arrays_give_the_same() {
    let (f, _) = counted();
    let x = matrix(5, 7, &sample(35, -1.0, 1.0));
    check(&f, &x.reversed(CPU).unwrap());
    check(&f, &x.slice(&[0, 1], &[5, 7], &[2, 3], CPU).unwrap());
    check(&f, &vector(&[0.3]).broadcast_to(&[5, 7], CPU).unwrap());
}

#[test]
fn several_inputs_and_outputs() {
    start();
    let f = Compiled::new(Closure::new(|x| {
        let sum = x[0].binary(Binary::Add, &x[1], CPU).unwrap();
        let product = x[0].binary(Binary::Multiply, &x[1], CPU).unwrap();
        Ok((vec![sum, product, x[1].clone()], vec![9]))
    }));
    for factor in [1.0, 10.0] {
        let (x, y) = (vector(&[factor, 2.0]), vector(&[3.0, 4.0]));
        let (out, tag) = f.call(&[&x, &y], false).unwrap();
        let values: Vec<Vec<f64>> = out.iter().map(read).collect();
        assert_eq!(values, [vec![factor + 3.0, 6.0], vec![factor * 3.0, 8.0], vec![3.0, 4.0]]);
        assert_eq!(tag, 9);
    }
}

#[test]
fn compiled_functions_do_not_get_in_each_others_way() {
    start();
    let make =
        |op| Compiled::new(Closure::new(move |x| Ok((vec![x[0].unary(op, CPU).map_err(|_| ())?], vec![op as u64]))));
    let x = vector(&[4.0]);
    // dropped functions may leave their address to later ones, never their traces
    for (op, value) in [(Unary::Sqrt, 2.0), (Unary::Negative, -4.0), (Unary::Square, 16.0)].repeat(3) {
        let (out, tag) = make(op).call(&[&x], false).unwrap();
        assert_eq!((read(&out[0]), tag), (vec![value], op as u64));
    }
}

#[test]
fn compilation_can_be_switched_off() {
    let (f, traces) = counted();
    let x = vector(&sample(3, -1.0, 1.0));
    set_mode(Mode::Disabled);
    let tags = [check(&f, &x), check(&f, &x)];
    set_mode(Mode::Enabled);
    assert_eq!(tags, [1, 2], "the closure runs each time");
    check(&f, &x);
    check(&f, &x);
    assert_eq!(traces.get(), 3);
}

#[test]
fn results_are_the_same_without_fusion() {
    set_mode(Mode::NoFuse);
    let (f, traces) = counted();
    check(&f, &vector(&sample(6, -1.0, 1.0)));
    check(&f, &vector(&sample(6, 0.0, 1.0)));
    set_mode(Mode::Enabled);
    assert_eq!(traces.get(), 1);
}

#[test]
fn values_cannot_be_read_while_a_function_is_compiled() {
    start();
    let found = Rc::new(Cell::new(None));
    let inside = found.clone();
    let f = Compiled::new(Closure::new(move |x| {
        inside.set(x[0].to_vec::<f32>().err());
        Err(())
    }));
    assert_eq!(f.call(&[&vector(&[1.0])], false).unwrap_err(), Error::Callback);
    assert!(matches!(found.take(), Some(Error::Tracing(_))));
}

#[test]
fn a_failed_trace_is_tried_again() {
    start();
    let calls = Rc::new(Cell::new(0));
    let count = calls.clone();
    let f = Compiled::new(Closure::new(move |x| {
        count.set(count.get() + 1);
        match count.get() {
            1 => Err(()),
            2 => panic!("this text is for nobody"),
            n => Ok((vec![formula(&x[0])], vec![n])),
        }
    }));
    let x = vector(&[0.5, 1.0]);
    assert_eq!(f.call(&[&x], false).unwrap_err(), Error::Callback);
    assert_eq!(f.call(&[&x], false).unwrap_err(), Error::Callback);
    assert_eq!(check(&f, &x), 3);
    assert_eq!(check(&f, &x), 3);
    assert_eq!(calls.get(), 3);
}

#[test]
fn a_failed_trace_spares_the_good_ones() {
    start();
    let f =
        Compiled::new(Closure::new(|x| if x[0].size() > 2 { Err(()) } else { Ok((vec![formula(&x[0])], vec![1])) }));
    check(&f, &vector(&[1.0, 2.0]));
    assert_eq!(f.call(&[&vector(&[1.0, 2.0, 3.0])], false).unwrap_err(), Error::Callback);
    check(&f, &vector(&[0.0, 0.5]));
}

#[test]
fn compiled_functions_are_differentiated() {
    let (f, _) = counted();
    let mut loss = Closure::new(move |x| {
        let (out, _) = f.call(&[&x[0]], false).map_err(|_| ())?;
        Ok((vec![out[0].reduce(Reduce::Sum, &[0], false, CPU).map_err(|_| ())?], vec![]))
    });
    let points = [0.5, -1.0];
    let out = value_and_grad(&mut loss, &[&vector(&points)], &[0]).unwrap();
    let expected = points.map(|v: f64| v.exp() * (v + 1.0));
    assert_close("derivative of exp(x) * x + 1", &read(&out[1]), &expected, 1e-5);
}

#[test]
fn long_chains_are_compiled() {
    start();
    set_mode(Mode::NoFuse);
    let f = Compiled::new(Closure::new(|x| {
        let mut y = x[0].clone();
        for _ in 0..20_000 {
            y = y.binary(Binary::Add, &x[1], CPU).map_err(|_| ())?;
        }
        Ok((vec![y], vec![]))
    }));
    let (out, _) = f.call(&[&vector(&[0.0]), &vector(&[1.0])], false).unwrap();
    set_mode(Mode::Enabled);
    assert_eq!(read(&out[0]), [20_000.0]);
}
