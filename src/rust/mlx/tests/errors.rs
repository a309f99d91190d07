//! What MLX refuses arrives as an error of the right kind, and everything works afterwards.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{matrix, read, vector, CPU};
use mlx::{runtime, Array, Binary, Device, Dtype, Error, Key, Layout, Reduce, Result, Scan, Unary};

/// Two arrays that are used in every test, and must stay usable.
fn arrays() -> (Array, Array) {
    (matrix(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), vector(&[1.0, 2.0]))
}

fn kind<T>(result: Result<T>) -> (&'static str, String) {
    let Err(error) = result else { panic!("no error") };
    let name = match error {
        Error::Shape(_) => "shape",
        Error::Dtype(_) => "dtype",
        Error::Memory(_) => "memory",
        Error::Device(_) => "device",
        Error::Tracing(_) => "tracing",
        Error::Interrupted => "interrupted",
        Error::Callback => "callback",
        Error::File(_) => "file",
        Error::Backend(_) => "backend",
    };
    (name, error.to_string())
}

fn check<T>(expected: &str, cases: Vec<(&str, Result<T>)>) {
    for (what, result) in cases {
        let (found, text) = kind(result);
        assert_eq!(found, expected, "{what}: {text}");
        assert!(!text.is_empty(), "{what}");
    }
    let (x, _) = arrays();
    assert_eq!(read(&x.reduce(Reduce::Sum, &[0, 1], false, CPU).unwrap()), [21.0]);
}

#[test]
fn shapes_that_do_not_fit() {
    let (x, y) = arrays();
    check(
        "shape",
        vec![
            ("adding", x.binary(Binary::Add, &y, CPU)),
            ("product", x.binary(Binary::Matmul, &x, CPU)),
            ("product of scalars", Array::scalar(1.0, Dtype::Float32).unwrap().binary(Binary::Matmul, &x, CPU)),
            ("reshaping", x.reshape(&[4], CPU)),
            ("broadcasting", x.broadcast_to(&[2, 4], CPU)),
            ("choosing", x.select(&x, &y, CPU)),
            ("squeezing", x.squeeze(&[0], CPU)),
            ("solving", x.solve(&y).map(|[solution, _]| solution)),
        ],
    );
}

#[test]
fn axes_that_are_not_there() {
    let (x, _) = arrays();
    let positions = Array::from_values(&[1], Layout::RowMajor, [0].into_iter()).unwrap();
    check(
        "shape",
        vec![
            ("reducing", x.reduce(Reduce::Sum, &[2], false, CPU)),
            ("a moment", x.moment(mlx::Moment::Var, &[-3], false, 0, CPU)),
            ("scanning", x.scan(Scan::Cumsum, 2, false, true, CPU)),
            ("transposing", x.transpose(&[0, 2], CPU)),
            ("transposing with too few", x.transpose(&[0], CPU)),
            ("taking", x.take(&positions, 2, CPU)),
            ("squeezing", x.squeeze(&[5], CPU)),
            ("slicing", x.slice(&[0], &[1], &[1], CPU)),
        ],
    );
}

#[test]
fn extremes_of_nothing() {
    let nothing = Array::from_values(&[0], Layout::RowMajor, std::iter::empty::<f32>()).unwrap();
    for op in [Reduce::Min, Reduce::Max] {
        let (_, text) = kind(nothing.reduce(op, &[0], false, CPU));
        assert!(!text.is_empty());
    }
}

#[test]
fn element_types_that_do_not_serve() {
    let (x, _) = arrays();
    let truth = Array::from_bools(&[1], Layout::RowMajor, [true].into_iter()).unwrap();
    let whole = Array::from_values(&[1, 1], Layout::RowMajor, [1].into_iter()).unwrap();
    check(
        "dtype",
        vec![
            ("negative bool", truth.unary(Unary::Negative, CPU)),
            ("product of integers", whole.binary(Binary::Matmul, &whole, CPU)),
            ("solving with integers", whole.solve(&whole).map(|[solution, _]| solution)),
            ("positions that are no integers", x.take(&x, 0, CPU)),
            ("random integers", Array::random_uniform(&[1], Dtype::Int32, &Key::new(1).array().unwrap(), CPU)),
        ],
    );
}

#[test]
fn a_device_that_is_not_there() {
    if runtime::has_gpu() {
        return;
    }
    check("device", vec![("choosing it", runtime::set_default_device(Device::Gpu))]);
    let (x, _) = arrays();
    let on_gpu = x.unary(Unary::Exp, Device::Gpu).and_then(|y| mlx::eval(&[&y]));
    check("device", vec![("using it", on_gpu)]);
}

#[test]
fn memory_that_cannot_be_had() {
    if !common::built_here() {
        return;
    }
    let huge = vector(&[1.0]).broadcast_to(&[1 << 30, 1 << 20], CPU).unwrap();
    let copy = huge.contiguous(CPU).unwrap();
    check("memory", vec![("evaluating", mlx::eval(&[&copy])), ("once more", mlx::eval(&[&copy]))]);
}

#[test]
fn a_limit_on_memory() {
    if !common::built_here() {
        return;
    }
    let x = common::repeated(1.0, 1 << 20);
    mlx::eval(&[&x]).unwrap();
    runtime::clear_cache();
    let before = runtime::set_memory_limit(1 << 20);
    let result = x.unary(Unary::Exp, CPU).and_then(|y| mlx::eval(&[&y]));
    assert_eq!(runtime::set_memory_limit(before), 1 << 20);
    check("memory", vec![("evaluating", result)]);
    let y = x.unary(Unary::Exp, CPU).unwrap();
    mlx::eval(&[&y]).unwrap();
}

#[test]
fn errors_are_values() {
    let (x, y) = arrays();
    let error = x.binary(Binary::Add, &y, CPU).unwrap_err();
    assert_eq!(error.clone(), error);
    assert!(error.to_string().contains("(2,3)") && error.to_string().contains("(2)"), "{error}");
    assert_eq!(Error::Interrupted.to_string(), "interrupted");
}
