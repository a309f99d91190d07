//! A safe Rust interface to MLX, Apple's array framework.
//!
//! Terms are MLX's own: shapes are row-major, axes count from 0. Arrays are lazy: an operation records a node of a graph,
//! and [`eval`] computes it. One thread owns all work: streams belong to the thread that made them, so neither
//! [`Array`] nor any function here may be used from another thread.
//!
//! ```
//! use mlx::{eval, Array, Device, Layout};
//! let x = Array::from_values(&[3], Layout::RowMajor, [1.0_f32, 2.0, 3.0].into_iter())?;
//! let y = x.binary(mlx::Binary::Add, &x, Device::Cpu)?;
//! eval(&[&y])?;
//! assert_eq!(y.to_vec::<f32>()?, [2.0, 4.0, 6.0]);
//! # Ok::<(), mlx::Error>(())
//! ```

mod array;
mod bridge;
pub mod compile;
mod conv;
mod copy;
pub mod custom;
mod dtype;
mod error;
pub mod export;
mod fft;
pub mod graph;
mod index;
pub mod io;
mod linalg;
mod nn;
mod ops;
mod quantize;
mod random;
pub mod runtime;
mod shape;
mod sort;
mod special;
mod stream;
pub mod transforms;

pub use array::{Array, Layout};
pub use conv::Window;
pub use dtype::{Dtype, Element, Kind};
pub use error::{Error, Result};
pub use ops::{Binary, Device, Moment, Reduce, Scan, Unary};
pub use quantize::{Packed, Packing};
pub use random::Key;
pub use runtime::eval;
pub use stream::Stream;
