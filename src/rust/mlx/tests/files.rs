//! Files: what is saved comes back, and what is damaged is refused.
#![allow(clippy::unwrap_used, missing_docs)]

use mlx::io::{
    load_gguf, load_npy, load_npz, load_safetensors, save_gguf, save_npy, save_npz, save_safetensors, Entry,
};
use mlx::{Array, Device, Dtype, Error, Layout};
use std::fs;
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn sample() -> Array {
    Array::from_values(&[2, 3], Layout::ColumnMajor, (0..6).map(|n| n as f32).collect::<Vec<_>>().into_iter()).unwrap()
}

#[test]
fn one_array_comes_back() {
    let path = file("one.npy");
    save_npy(&path, &sample(), Device::Cpu).unwrap();
    let x = load_npy(&path).unwrap();
    assert_eq!((x.shape(), x.dtype()), (&[2, 3][..], Dtype::Float32));
    assert_eq!(x.to_vec::<f32>().unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn named_arrays_come_back() {
    let x = sample();
    let arrays = [("x".to_string(), &x), ("y".to_string(), &x)];
    let (npz, safetensors, gguf) = (file("some.npz"), file("some.safetensors"), file("some.gguf"));
    save_npz(&npz, &arrays, Device::Cpu).unwrap();
    save_safetensors(&safetensors, &arrays, &[("k".into(), "v".into())], Device::Cpu).unwrap();
    save_gguf(&gguf, &arrays, &[("k".into(), Entry::Text("v".into()))], Device::Cpu).unwrap();
    let (tensors, metadata) = load_safetensors(&safetensors).unwrap();
    assert_eq!(metadata, [("k".to_string(), "v".to_string())]);
    for loaded in [load_npz(&npz).unwrap(), tensors, load_gguf(&gguf).unwrap().0] {
        assert_eq!(loaded.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(loaded[1].1.to_vec::<f32>().unwrap(), x.to_vec::<f32>().unwrap());
    }
}

#[test]
fn truncated_files_are_refused() {
    let (path, cut) = (file("whole.npy"), file("cut.npy"));
    save_npy(&path, &sample(), Device::Cpu).unwrap();
    let bytes = fs::read(&path).unwrap();
    for n in 0..bytes.len() {
        fs::write(&cut, &bytes[..n]).unwrap();
        assert!(matches!(load_npy(&cut), Err(Error::File(_))), "{n} bytes");
    }
}
