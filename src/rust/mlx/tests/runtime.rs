//! Evaluation, interrupts, devices and the counts of memory.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{read, repeated, vector, CPU};
use mlx::{runtime, Array, Binary, Device, Dtype, Error, Reduce, Unary};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

static STOP: AtomicBool = AtomicBool::new(false);
static ASKED: AtomicUsize = AtomicUsize::new(0);

fn hook() -> bool {
    ASKED.fetch_add(1, SeqCst);
    STOP.load(SeqCst)
}

/// Evaluates while the user wants to stop. The hook is asked every 20 ms at most, so the last time must be past.
fn evaluate_and_stop(x: &Array) -> mlx::Result<()> {
    runtime::set_interrupt_hook(hook);
    sleep(Duration::from_millis(25));
    STOP.store(true, SeqCst);
    let result = mlx::eval(&[x]);
    STOP.store(false, SeqCst);
    result
}

/// Much work in many operations: x doubled and halved, `turns` times.
fn long_work(n: i32, turns: usize) -> Array {
    let two = Array::scalar(2.0, Dtype::Float32).unwrap();
    let mut x = repeated(3.0, n);
    for _ in 0..turns {
        for op in [Binary::Multiply, Binary::Divide] {
            x = x.binary(op, &two, CPU).unwrap();
        }
    }
    x
}

/// How many turns of [`long_work`] take a second on this machine, however fast it is.
fn turns_of_a_second(n: i32) -> usize {
    const TURNS: usize = 20;
    runtime::set_interrupt_hook(|| false);
    let begin = Instant::now();
    mlx::eval(&[&long_work(n, TURNS)]).unwrap();
    let turns = TURNS * 1000 / begin.elapsed().as_millis().max(1) as usize;
    turns.max(TURNS)
}

fn ends(x: &Array) -> Vec<f64> {
    read(&x.reduce(Reduce::Min, &[0], false, CPU).unwrap())
}

#[test]
fn an_interrupt_leaves_everything_to_be_computed_later() {
    let x = long_work(1000, 20);
    assert_eq!(evaluate_and_stop(&x), Err(Error::Interrupted));
    assert_eq!(evaluate_and_stop(&x), Err(Error::Interrupted), "the second time");
    mlx::eval(&[&x]).unwrap();
    assert_eq!(ends(&x), [3.0]);
}

#[test]
fn an_interrupt_during_long_work_comes_soon() {
    fn late_hook() -> bool {
        ASKED.fetch_add(1, SeqCst) >= 3
    }
    const N: i32 = 1 << 22;
    let x = long_work(N, 2 * turns_of_a_second(N));
    ASKED.store(0, SeqCst);
    runtime::set_interrupt_hook(late_hook);
    let begin = Instant::now();
    assert_eq!(mlx::eval(&[&x]), Err(Error::Interrupted));
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    runtime::set_interrupt_hook(|| false);
    assert_eq!(ends(&x), [3.0]);
}

#[test]
fn intermediate_results_of_an_interrupted_evaluation_are_usable() {
    let x = long_work(1000, 5);
    let y = x.unary(Unary::Sqrt, CPU).unwrap();
    let z = y.binary(Binary::Multiply, &y, CPU).unwrap();
    assert_eq!(evaluate_and_stop(&z), Err(Error::Interrupted));
    assert_eq!(ends(&x), [3.0]);
    common::assert_close("z", &ends(&z), &[3.0], 1e-6);
    assert_eq!(ends(&y), [f64::from(3.0_f32.sqrt())]);
}

#[test]
fn without_a_wish_to_stop_nothing_happens() {
    runtime::set_interrupt_hook(hook);
    ASKED.store(0, SeqCst);
    sleep(Duration::from_millis(25));
    assert_eq!(ends(&long_work(1000, 20)), [3.0]);
    assert!(ASKED.load(SeqCst) > 0);
}

#[test]
fn several_arrays_are_evaluated_at_once() {
    let x = vector(&[1.0, 4.0]);
    let (y, z) = (x.unary(Unary::Sqrt, CPU).unwrap(), x.unary(Unary::Negative, CPU).unwrap());
    mlx::eval(&[&y, &z, &x, &y]).unwrap();
    assert!(y.is_evaluated() && z.is_evaluated());
    mlx::eval(&[]).unwrap();
}

#[test]
fn long_chains_are_evaluated() {
    let one = Array::scalar(1.0, Dtype::Float32).unwrap();
    let mut x = vector(&[0.0]);
    for _ in 0..50_000 {
        x = x.binary(Binary::Add, &one, CPU).unwrap();
    }
    assert_eq!(read(&x), [50_000.0]);
}

#[test]
fn synchronising_waits_for_nothing_left() {
    let x = long_work(1000, 3);
    mlx::eval(&[&x]).unwrap();
    runtime::synchronize(CPU).unwrap();
    assert!(x.is_evaluated());
}

#[test]
fn the_processor_can_always_be_chosen() {
    runtime::set_default_device(CPU).unwrap();
    assert_eq!((CPU.name(), Device::Gpu.name()), ("cpu", "gpu"));
}

#[test]
fn the_version_has_three_numbers() {
    let version = runtime::version();
    assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{version}");
}

#[test]
fn bytes_are_counted_while_arrays_live() {
    const BYTES: usize = 4 << 20;
    let make = || repeated(1.0, 1 << 20);
    runtime::clear_cache();
    let before = runtime::active_memory();
    let x = make();
    assert!(runtime::active_memory() < before + 1000, "nothing is taken before evaluation");
    mlx::eval(&[&x]).unwrap();
    let during = runtime::active_memory();
    assert!((before + BYTES..before + BYTES + 10_000).contains(&during), "{before} before, {during} during");
    let copy = x.clone();
    drop(x);
    assert!(runtime::active_memory() >= before + BYTES, "a clone keeps the data");
    drop(copy);
    assert!(runtime::active_memory() < before + 10_000, "{before} before, {} after", runtime::active_memory());
}

#[test]
fn values_from_outside_are_counted_too() {
    let before = runtime::active_memory();
    let x = Array::from_values(&[1000], mlx::Layout::ColumnMajor, (0..1000).map(f64::from)).unwrap();
    assert!(runtime::active_memory() >= before + x.nbytes());
    drop(x);
    assert!(runtime::active_memory() <= before);
}

#[test]
fn the_peak_is_kept_until_it_is_reset() {
    let bytes = {
        let x = long_work(1 << 20, 1);
        mlx::eval(&[&x]).unwrap();
        x.nbytes()
    };
    assert!(runtime::peak_memory() >= bytes);
    runtime::reset_peak_memory();
    assert!(runtime::peak_memory() < bytes);
}

#[test]
fn freed_bytes_are_kept_up_to_the_limit() {
    let former = runtime::set_cache_limit(64 << 20);
    runtime::clear_cache();
    assert_eq!(runtime::cache_memory(), 0);
    drop(long_work(1 << 20, 1).to_vec::<f32>().unwrap());
    assert!(runtime::cache_memory() > 0);
    runtime::clear_cache();
    assert_eq!(runtime::cache_memory(), 0);
    assert_eq!(runtime::set_cache_limit(former), 64 << 20);
}
