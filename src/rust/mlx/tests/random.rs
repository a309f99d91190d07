//! Keys and draws.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{matrix, read, vector, CPU};
use mlx::{Array, Dtype, Key};

fn key(seed: u64) -> Array {
    Key::new(seed).array().unwrap()
}

#[test]
fn keys_split_as_mlx_splits_them() {
    // MLX draws the words of the new keys with the old one
    for seed in [0, 1, 42, (1 << 40) + 5, u64::MAX] {
        let words = Array::random_bits(&[2, 2], 4, &key(seed), CPU).unwrap();
        let expected = words.transpose(&[1, 0], CPU).unwrap().to_vec::<u32>().unwrap();
        let (first, second) = Key::new(seed).split();
        let found = [first, second].map(|key| key.array().unwrap().to_vec::<u32>().unwrap()).concat();
        assert_eq!(found, expected, "seed {seed}");
    }
    assert_eq!(key((1 << 40) + 5).to_vec::<u32>().unwrap(), [256, 5]);
}

#[test]
fn draws_are_repeatable_and_follow_their_law() {
    let n = 100_000;
    let draw = |seed| {
        let normal = Array::random_normal(&[n], Dtype::Float32, &key(seed), CPU).unwrap();
        let uniform = Array::random_uniform(&[n], Dtype::Float32, &key(seed), CPU).unwrap();
        (read(&normal), read(&uniform))
    };
    let (normal, uniform) = draw(7);
    assert_eq!((&normal, &uniform), (&draw(7).0, &draw(7).1));
    assert_ne!(uniform, draw(8).1);
    assert!(uniform.iter().all(|u| (0.0..1.0).contains(u)));
    // a deviation beyond six standard errors means a wrong law
    let check = |values: &[f64], centre: f64, sd: f64| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / values.len() as f64;
        assert!((mean - centre).abs() < 6.0 * sd / f64::from(n).sqrt(), "{mean}");
        assert!((variance / sd.powi(2) - 1.0).abs() < 6.0 * (2.0 / f64::from(n)).sqrt(), "{variance}");
    };
    check(&normal, 0.0, 1.0);
    check(&uniform, 0.5, 1.0 / 12.0_f64.sqrt());
}

#[test]
fn draws_have_the_shape_and_type_that_was_asked_for() {
    for dtype in [Dtype::Float32, Dtype::Float16, Dtype::Bfloat16] {
        for shape in [&[][..], &[0], &[2, 3]] {
            for x in [
                Array::random_normal(shape, dtype, &key(1), CPU).unwrap(),
                Array::random_uniform(shape, dtype, &key(1), CPU).unwrap(),
            ] {
                assert_eq!((x.shape(), x.dtype()), (shape, dtype));
                assert!(read(&x).iter().all(|v| v.is_finite()));
            }
        }
    }
}

#[test]
fn every_bit_is_random() {
    for (width, dtype, all) in [(1, Dtype::Uint8, 0xff), (2, Dtype::Uint16, 0xffff), (4, Dtype::Uint32, u32::MAX)] {
        let bits = Array::random_bits(&[1001], width, &key(3), CPU).unwrap();
        assert_eq!(bits.dtype(), dtype);
        let words = bits.astype(Dtype::Uint32, CPU).unwrap().to_vec::<u32>().unwrap();
        assert_eq!(words.iter().fold(0, |seen, word| seen | word), all, "every bit is set somewhere");
        assert_eq!(words.iter().fold(all, |seen, word| seen & word), 0, "and clear somewhere");
    }
}

#[test]
fn classes_are_drawn_with_their_odds() {
    let logits = matrix(2, 3, &[0.0, f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0, f64::NEG_INFINITY, 0.0]);
    let drawn = logits.random_categorical(-1, 1000, &key(5), CPU).unwrap();
    assert_eq!(drawn.shape(), [2, 1000]);
    let values = read(&drawn);
    let (first, second): (Vec<_>, Vec<_>) = values.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
    assert!(first.iter().all(|&class| class == 0.0));
    assert!(second.iter().all(|&class| class == 0.0 || class == 2.0));
    assert!((400..600).contains(&second.iter().filter(|&&class| class == 2.0).count()));
}

#[test]
fn a_search_counts_what_does_not_exceed() {
    let found = vector(&[1.0, 1.0, 4.0]).random_search(&vector(&[0.0, 1.0, 3.9, 4.0]), CPU).unwrap();
    assert_eq!(read(&found), [0.0, 2.0, 2.0, 3.0]);
}
