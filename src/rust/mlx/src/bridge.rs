//! The functions of the C++ shim, as cxx sees them. Shapes and axes are MLX's own: row-major, 0-based.

#[cxx::bridge(namespace = "rmlx")]
#[allow(missing_docs, clippy::too_many_arguments)]
pub(crate) mod ffi {
    extern "Rust" {
        type Closure;
        fn call(self: &mut Closure, inputs: &Arrays) -> Result<UniquePtr<Arrays>>;
        fn tag(self: &Closure) -> u64;
    }

    unsafe extern "C++" {
        include!("array.h");
        include!("conv.h");
        include!("nn.h");
        include!("ops.h");
        include!("quantize.h");
        include!("runtime.h");
        include!("transforms.h");

        #[namespace = "mlx::core"]
        #[cxx_name = "array"]
        type Array;
        type Arrays;
        type Compiled;

        // array.h
        fn clone_array(x: &Array) -> UniquePtr<Array>;
        fn leaf(shape: &[i32], column_major: bool, dtype: u8) -> Result<UniquePtr<Array>>;
        fn scalar(value: f64, dtype: u8) -> Result<UniquePtr<Array>>;
        fn shape(x: &Array) -> &[i32];
        fn strides(x: &Array) -> &[i64];
        fn size(x: &Array) -> usize;
        fn dtype(x: &Array) -> u8;
        fn is_tracer(x: &Array) -> bool;
        fn is_evaluated(x: &Array) -> bool;
        fn data(x: &Array) -> *mut u8;
        fn arrays_new() -> UniquePtr<Arrays>;
        fn arrays_push(xs: Pin<&mut Arrays>, x: &Array);
        fn arrays_len(xs: &Arrays) -> usize;
        fn arrays_get(xs: &Arrays, i: usize) -> Result<UniquePtr<Array>>;

        // ops.h
        fn unary(op: u8, x: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn binary(op: u8, x: &Array, y: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn reduce(op: u8, x: &Array, axes: &[i32], keepdims: bool, gpu: bool) -> Result<UniquePtr<Array>>;
        fn moment(op: u8, x: &Array, axes: &[i32], keepdims: bool, ddof: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn scan(op: u8, x: &Array, axis: i32, reverse: bool, inclusive: bool, gpu: bool) -> Result<UniquePtr<Array>>;
        fn astype(x: &Array, dtype: u8, gpu: bool) -> Result<UniquePtr<Array>>;
        fn reshape(x: &Array, shape: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn transpose(x: &Array, axes: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn squeeze(x: &Array, axes: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn broadcast_to(x: &Array, shape: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn contiguous(x: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn select(condition: &Array, x: &Array, y: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn round(x: &Array, decimals: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn take(x: &Array, indices: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn slice(x: &Array, start: &[i32], stop: &[i32], strides: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn part(x: &Array, imaginary: bool, gpu: bool) -> Result<UniquePtr<Array>>;
        fn solve(a: &Array, b: &Array) -> Result<UniquePtr<Array>>;
        fn random_seed(seed: u64) -> Result<()>;
        fn random_normal(shape: &[i32], dtype: u8, loc: f32, scale: f32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_uniform(shape: &[i32], dtype: u8, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_bits(shape: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;

        // nn.h
        fn softmax_along(x: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn logsumexp_along(x: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn pick_along(x: &Array, indices: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn layer_norm(x: &Array, weight: &Array, bias: &Array, eps: f32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn joined_along(xs: &Arrays, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;

        // conv.h
        fn convolve(
            x: &Array,
            weight: &Array,
            stride: &[i32],
            low: &[i32],
            high: &[i32],
            dilation: &[i32],
            spread: &[i32],
            groups: i32,
            flip: bool,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;
        fn pad_zeros(x: &Array, low: &[i32], high: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;

        // quantize.h
        fn quantize(w: &Array, group_size: i32, bits: i32, mode: &str, gpu: bool) -> Result<UniquePtr<Arrays>>;
        fn dequantize(
            w: &Array,
            scales: &Array,
            biases: &Arrays,
            group_size: i32,
            bits: i32,
            mode: &str,
            dtype: u8,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;
        fn quantized_matmul(
            x: &Array,
            w: &Array,
            scales: &Array,
            biases: &Arrays,
            transpose: bool,
            group_size: i32,
            bits: i32,
            mode: &str,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;
        fn gather_qmm(
            x: &Array,
            w: &Array,
            scales: &Array,
            biases: &Arrays,
            lhs: &Arrays,
            rhs: &Arrays,
            transpose: bool,
            group_size: i32,
            bits: i32,
            mode: &str,
            sorted: bool,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;

        // runtime.h
        fn has_gpu() -> bool;
        fn set_default_device(gpu: bool) -> Result<()>;
        fn synchronize(gpu: bool) -> Result<()>;
        fn evaluate(xs: &Arrays) -> Result<()>;
        fn set_interrupt_hook(hook: fn() -> bool);
        fn take_kernel_failure() -> String;
        fn active_memory() -> usize;
        fn peak_memory() -> usize;
        fn reset_peak_memory();
        fn cache_memory() -> usize;
        fn set_cache_limit(limit: usize) -> usize;
        fn set_memory_limit(limit: usize) -> usize;
        fn clear_cache();
        fn version() -> String;
        fn set_kernel_folder(folder: &str);

        // transforms.h
        fn value_and_grad(f: &mut Closure, inputs: &Arrays, argnums: &[i32]) -> Result<UniquePtr<Arrays>>;
        fn compiled_new(f: Box<Closure>, shapeless: bool) -> UniquePtr<Compiled>;
        fn compiled_call(f: &Compiled, inputs: &Arrays, tag: &mut u64) -> Result<UniquePtr<Arrays>>;
        fn set_compile_enabled(enabled: bool);
        fn set_compile_fusion(fuse: bool);
    }
}

pub(crate) use crate::transforms::Closure;
