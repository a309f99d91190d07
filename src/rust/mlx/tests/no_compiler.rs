//! Compiled functions on a machine whose C++ compiler does not do what it should. In a process of its own, since the path
//! is the process's.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{assert_close, read, sample, vector, CPU};
use mlx::compile::Compiled;
use mlx::transforms::Closure;
use mlx::{runtime, Binary, Unary};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::{env, fs};

#[test]
fn a_compiler_that_fails_changes_no_result() {
    if !common::built_here() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-compiler");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("kernels")).unwrap();
    fs::write(folder.join("g++"), "#!/bin/sh\n[ \"$1\" = --version ]\n").unwrap();
    fs::set_permissions(folder.join("g++"), fs::Permissions::from_mode(0o700)).unwrap();
    env::set_var("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    runtime::set_kernel_folder(folder.join("kernels").to_str().unwrap());

    let f = Compiled::new(Closure::new(|x| {
        let both = x[0].binary(Binary::Multiply, &x[1], CPU).map_err(|_| ())?;
        let exponential = both.unary(Unary::Exp, CPU).map_err(|_| ())?;
        Ok((vec![exponential.binary(Binary::Add, &x[1], CPU).map_err(|_| ())?, both], vec![]))
    }));
    for n in [4, 7] {
        let (a, b) = (sample(n, -1.0, 1.0), sample(n, 0.0, 1.0));
        let (out, _) = f.call(&[&vector(&a), &vector(&b)], false).unwrap();
        let product: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
        let all: Vec<f64> = product.iter().zip(&b).map(|(p, b)| p.exp() + b).collect();
        assert_close("exp(x * y) + y", &read(&out[0]), &all, 1e-5);
        assert_close("x * y", &read(&out[1]), &product, 1e-5);
    }
    assert!(runtime::take_kernel_failure().is_some(), "the failure is told");
    assert_eq!(runtime::take_kernel_failure(), None, "once");
}
