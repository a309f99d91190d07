//! Streams: defaults, reuse, and work on several.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{read, vector, CPU};
use mlx::{Binary, Error, Stream};

#[test]
fn work_goes_to_the_default_stream_and_meets_that_of_others() {
    let before = Stream::default_of(CPU).unwrap();
    let x = vector(&[1.0, 2.0]).binary(Binary::Add, &vector(&[1.0, 1.0]), CPU).unwrap();
    let stream = Stream::new(CPU).unwrap();
    assert_ne!(stream.index(), before.index());
    stream.make_default().unwrap();
    assert_eq!(Stream::default_of(CPU).unwrap().index(), stream.index());
    let y = x.binary(Binary::Multiply, &x, CPU).unwrap();
    before.make_default().unwrap();
    assert_eq!(read(&y.binary(Binary::Add, &x, CPU).unwrap()), [6.0, 12.0]);
    mlx::runtime::synchronize(CPU).unwrap();
}

#[test]
fn a_stream_that_nothing_names_is_handed_out_again() {
    let stream = Stream::new(CPU).unwrap();
    let index = stream.index();
    let clone = stream.clone();
    drop(stream);
    assert_ne!(Stream::new(CPU).unwrap().index(), index);
    drop(clone);
    let many: Vec<Stream> = (0..3).map(|_| Stream::new(CPU).unwrap()).collect();
    assert!(many.iter().any(|stream| stream.index() == index));
}

#[test]
fn a_default_stream_is_not_handed_out() {
    let before = Stream::default_of(CPU).unwrap();
    let stream = Stream::new(CPU).unwrap();
    let index = stream.index();
    stream.make_default().unwrap();
    drop(stream);
    let many: Vec<Stream> = (0..3).map(|_| Stream::new(CPU).unwrap()).collect();
    assert!(many.iter().all(|stream| stream.index() != index));
    before.make_default().unwrap();
}

#[test]
fn too_many_streams_are_refused() {
    let mut held = vec![];
    let error = loop {
        match Stream::new(CPU) {
            Ok(stream) => held.push(stream),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, Error::Device(text) if text.contains("streams")), "{error}");
    assert!(held.len() <= Stream::MOST);
    held.pop();
    assert!(Stream::new(CPU).is_ok());
}
