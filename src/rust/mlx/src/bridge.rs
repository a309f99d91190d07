//! The functions of the C++ shim, as cxx sees them. Shapes and axes are MLX's own: row-major, 0-based.

#[cxx::bridge(namespace = "rmlx")]
#[allow(missing_docs, clippy::too_many_arguments)]
pub(crate) mod ffi {
    extern "Rust" {
        type Closure;
        fn call(self: &mut Closure, inputs: &Arrays, numbers: &[i32]) -> Result<UniquePtr<Arrays>>;
        fn numbers(self: &Closure) -> &[u64];
    }

    /// An array in an event of an export, under the name that MLX gives it.
    struct ExportArray {
        name: String,
        shape: Vec<i32>,
        dtype: u8,
    }

    /// A field of an operation's state: see `state_of` in export.cc.
    struct ExportState {
        kind: u8,
        numbers: Vec<f64>,
        text: String,
    }

    /// What MLX tells about an export, with those of the fields that this kind of event has.
    struct ExportEvent {
        kind: String,
        name: String,
        inputs: Vec<ExportArray>,
        outputs: Vec<ExportArray>,
        keys: Vec<String>,
        names: Vec<String>,
        arguments: Vec<ExportState>,
    }

    /// An array of a graph.
    struct GraphArray {
        id: u64,
        shape: Vec<i32>,
        dtype: u8,
    }

    /// An operation of a graph; an array that is not made by one has no name.
    struct GraphNode {
        name: String,
        inputs: Vec<GraphArray>,
        outputs: Vec<GraphArray>,
    }

    unsafe extern "C++" {
        include!("array.h");
        include!("blas.h");
        include!("compile.h");
        include!("conv.h");
        include!("custom.h");
        include!("depends.h");
        include!("export.h");
        include!("fft.h");
        include!("function.h");
        include!("index.h");
        include!("linalg.h");
        include!("nn.h");
        include!("ops.h");
        include!("quantize.h");
        include!("random.h");
        include!("runtime.h");
        include!("shape.h");
        include!("scan.h");
        include!("sort.h");
        include!("special.h");
        include!("stream.h");
        include!("transforms.h");

        #[namespace = "mlx::core"]
        #[cxx_name = "array"]
        type Array;
        type Arrays;
        type Compiled;
        type Sketch;
        type ExportFile;
        type ExportTrace;

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

        // function.h
        fn apply_primitive(
            name: &str,
            inputs: &Arrays,
            numbers: &[f64],
            ends: &[usize],
            shape: &[i32],
            dtype: u8,
            gpu: bool,
        ) -> Result<UniquePtr<Arrays>>;

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

        // random.h
        fn random_bits(shape: &[i32], width: i32, key: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_uniform(shape: &[i32], dtype: u8, key: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_normal(shape: &[i32], dtype: u8, key: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_categorical(x: &Array, axis: i32, n: i32, key: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn random_search(sums: &Array, values: &Array, gpu: bool) -> Result<UniquePtr<Array>>;

        // stream.h
        fn new_stream(gpu: bool) -> Result<i32>;
        fn default_stream(gpu: bool) -> Result<i32>;
        fn set_default_stream(gpu: bool, index: i32) -> Result<()>;

        // index.h
        fn slice_update(
            x: &Array,
            update: &Array,
            start: &[i32],
            stop: &[i32],
            strides: &[i32],
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;
        fn gather(x: &Array, indices: &Arrays, axes: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn take_along_axis(x: &Array, indices: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn put_along_axis(
            x: &Array,
            indices: &Array,
            values: &Array,
            axis: i32,
            add: bool,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;

        // shape.h
        fn expand_dims(x: &Array, axes: &[i32], gpu: bool) -> Result<UniquePtr<Array>>;
        fn concatenate(xs: &Arrays, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn pad(
            x: &Array,
            axes: &[i32],
            low: &[i32],
            high: &[i32],
            value: &Array,
            gpu: bool,
        ) -> Result<UniquePtr<Array>>;
        fn diagonal(x: &Array, offset: i32, axis1: i32, axis2: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn indices(n: i32, gpu: bool) -> Result<UniquePtr<Array>>;

        // linalg.h
        fn solve(a: &Array, b: &Array) -> Result<UniquePtr<Arrays>>;
        fn solve_triangle(a: &Array, b: &Array, upper: bool) -> Result<UniquePtr<Array>>;
        fn inverse(a: &Array, triangular: bool, upper: bool) -> Result<UniquePtr<Array>>;
        fn pinv(a: &Array) -> Result<UniquePtr<Array>>;
        fn cholesky(a: &Array, upper: bool) -> Result<UniquePtr<Arrays>>;
        fn qr(a: &Array) -> Result<UniquePtr<Arrays>>;
        fn lu(a: &Array) -> Result<UniquePtr<Arrays>>;
        fn svd(a: &Array) -> Result<UniquePtr<Arrays>>;
        fn singular_values(a: &Array) -> Result<UniquePtr<Array>>;
        fn eigh(a: &Array, upper: bool) -> Result<UniquePtr<Arrays>>;
        fn eigvalsh(a: &Array, upper: bool) -> Result<UniquePtr<Array>>;
        fn eig(a: &Array) -> Result<UniquePtr<Arrays>>;
        fn eigvals(a: &Array) -> Result<UniquePtr<Array>>;
        fn cross(a: &Array, b: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn kron(a: &Array, b: &Array, gpu: bool) -> Result<UniquePtr<Array>>;

        // fft.h
        fn fft(x: &Array, axes: &[i32], inverse: bool, gpu: bool) -> Result<UniquePtr<Array>>;

        // export.h
        fn export_trace(
            f: &mut Closure,
            inputs: &Arrays,
            keywords: &Vec<String>,
            shapeless: bool,
        ) -> Result<UniquePtr<ExportTrace>>;
        fn export_events(trace: &ExportTrace) -> Result<Vec<ExportEvent>>;
        fn export_constants(trace: &ExportTrace) -> UniquePtr<Arrays>;
        fn export_open(path: &str, shapeless: bool, metadata: &str) -> Result<UniquePtr<ExportFile>>;
        fn export_add(file: Pin<&mut ExportFile>, trace: &ExportTrace) -> Result<()>;
        fn graph_nodes(xs: &Arrays) -> Vec<GraphNode>;
        fn array_id(x: &Array) -> u64;

        // nn.h
        fn layer_norm(x: &Array, weight: &Array, bias: &Array, eps: f32, gpu: bool) -> Result<UniquePtr<Array>>;

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
        fn start_evaluation(xs: &Arrays) -> Result<()>;
        fn set_fused_evaluation(fused: bool);
        fn is_ready(x: &Array) -> bool;
        fn set_interrupt_hook(hook: fn() -> bool);
        fn take_kernel_failure() -> String;
        fn active_memory() -> usize;
        fn peak_memory() -> usize;
        fn reset_peak_memory();
        fn cache_memory() -> usize;
        fn set_cache_limit(limit: usize) -> usize;
        fn memory_limit() -> usize;
        fn set_memory_limit(limit: usize) -> usize;
        fn is_wide() -> bool;
        fn clear_cache();
        fn version() -> String;
        fn set_kernel_folder(folder: &str);

        // blas.h
        fn blas() -> String;
        fn choose_blas_kernels();

        // sort.h
        fn sort(x: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn argsort(x: &Array, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn partition(x: &Array, kth: i32, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn argpartition(x: &Array, kth: i32, axis: i32, gpu: bool) -> Result<UniquePtr<Array>>;
        fn arg_extreme(x: &Array, axis: i32, keepdims: bool, greatest: bool, gpu: bool) -> Result<UniquePtr<Array>>;
        fn extremes_pass_over_nan(gpu: bool) -> bool;

        // scan.h
        fn running_product(x: &Array, axis: i32, reverse: bool, inclusive: bool, gpu: bool)
            -> Result<UniquePtr<Array>>;
        fn running_logsum(x: &Array, axis: i32, reverse: bool, inclusive: bool, gpu: bool) -> Result<UniquePtr<Array>>;

        // special.h
        fn softmax(x: &Array, axes: &[i32], precise: bool, gpu: bool) -> Result<UniquePtr<Array>>;
        fn modulus(x: &Array, gpu: bool) -> Result<UniquePtr<Array>>;
        fn hadamard(x: &Array, scale: f32, odd: i32, gpu: bool) -> Result<UniquePtr<Array>>;

        // transforms.h
        fn value_and_grad(f: &mut Closure, inputs: &Arrays, argnums: &[i32]) -> Result<UniquePtr<Arrays>>;
        fn vjp(f: &mut Closure, primals: &Arrays, cotangents: &Arrays) -> Result<UniquePtr<Arrays>>;
        fn jvp(f: &mut Closure, primals: &Arrays, tangents: &Arrays) -> Result<UniquePtr<Arrays>>;
        fn vmap(f: &mut Closure, inputs: &Arrays, in_axes: &[i32]) -> Result<UniquePtr<Arrays>>;
        fn untrace(xs: &Arrays);
        fn reaches(xs: &Arrays, targets: &Arrays) -> bool;
        fn depends(xs: &Arrays, others: &Arrays) -> Result<UniquePtr<Arrays>>;

        // compile.h
        fn compiled_new(f: Box<Closure>) -> UniquePtr<Compiled>;
        fn compiled_call(f: &Compiled, inputs: &Arrays, plain: bool, tag: &mut u64) -> Result<UniquePtr<Arrays>>;
        fn sketch_new(f: &mut Closure, inputs: &Arrays) -> Result<UniquePtr<Sketch>>;
        fn sketch_build(sketch: &Sketch, inputs: &Arrays, other_shapes: bool) -> Result<UniquePtr<Arrays>>;
        fn set_compile_mode(mode: u8);

        // custom.h
        fn alias(x: &Array) -> Result<UniquePtr<Array>>;
        fn checkpointed(inputs: &Arrays, outputs: &Arrays) -> Result<UniquePtr<Arrays>>;
        fn customised(
            inputs: &Arrays,
            outputs: &Arrays,
            given: Vec<u8>,
            vjp: Box<Closure>,
            jvp: Box<Closure>,
            vmap: Box<Closure>,
        ) -> Result<UniquePtr<Arrays>>;
    }
}

pub(crate) use crate::transforms::Closure;
