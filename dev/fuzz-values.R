# What the fuzzer puts into calls: expressions, not values, so that a report shows a call that runs as it stands.

# Arguments that few functions take.
special_values <- function() {
  c(
    alist(
      NULL, NA, NA_integer_, NA_real_, NA_character_, NaN, Inf, -Inf, -1, 0, 0L, -1L, 0.5, 1e10, -1e10, 1e300,
      .Machine$integer.max, -.Machine$integer.max, 2^53, 2^63, "", "a", "\xff", "gpu", "cpu", "float", "float64",
      character(0), numeric(0), integer(0), logical(0), list(), list(NULL), list(1, "a"), list(a = 1, 2),
      raw(2), 1i, complex(real = NA, imaginary = 1), factor(c("a", "b")), as.Date("2020-02-29"), data.frame(a = 1:2),
      function(x) x, function() NULL, list(quote(f(x))), y ~ x, new.env(), expression(1)
    ),
    alist(
      TRUE, FALSE, c(TRUE, NA), 1L, 2L, 3L, 4, 7, 100, c(1, 1), c(1, NA), c(2, -1), c(0, 2), c(1.5, 2), -3:3, 1:3,
      3:1, c(a = 1, b = 2), c("a", "b"), rep(1, 40), rep(2, 17), c(1e5, 1e5), rep(.Machine$integer.max, 2), c(2^33, 1),
      matrix(1:4, 2), matrix(0, 0, 3), array(1:8, c(2, 2, 2)), array(0, rep(1, 9)), matrix(c("a", "b"), 1),
      matrix(list(1, 2), 1), 1e5
    )
  )
}

fuzz_dtypes <- function() {
  c(
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32",
    "complex64"
  )
}

# Arrays of every dtype, shape and layout, and objects that only look like arrays.
special_arrays <- function() {
  of_dtypes <- lapply(fuzz_dtypes(), function(dtype) bquote(as_mlx(matrix(c(1, 0, 2, 3, 1, 5), 2), .(dtype))))
  vectors <- lapply(fuzz_dtypes(), function(dtype) bquote(as_mlx(c(2, 0, 1), .(dtype))))
  none <- lapply(c("bool", "int32", "float16", "complex64"), function(dtype) bquote(as_mlx(numeric(0), .(dtype))))
  c(
    of_dtypes, vectors, none,
    alist(
      as_mlx(1:3, "float64", "cpu"), as_mlx(diag(2), "float64", "cpu"), mlx_scalar(2), mlx_scalar(TRUE),
      mlx_scalar(1i), mlx_vector(1), as_mlx(NaN), as_mlx(c(NaN, Inf, -Inf)), as_mlx(matrix(NaN, 2, 2)),
      as_mlx(matrix(0, 0, 3)), as_mlx(matrix(0, 3, 0)), as_mlx(array(0, c(2, 0, 3))), as_mlx(array(1, c(1, 1, 1))),
      as_mlx(array(1:24, 2:4)), as_mlx(array(1, rep(1, 9))), as_mlx(array(1:32, rep(2, 5))), mlx_zeros(c(1, 1000)),
      t(as_mlx(matrix(1:6, 2))), as_mlx(matrix(1:12, 3))[c(1, 3), c(4, 2)], as_mlx(matrix(1:12, 3))[3:1, ],
      t(as_mlx(array(1:24, 2:4))), as_mlx(matrix(1:6, 2, dimnames = list(c("a", "b"), NULL))), as_mlx(c(a = 1, b = 2)),
      as_mlx(1:3) > 1, as_mlx(c(-1, 0, 4)), as_mlx(c(1e10, -1e10)), as_mlx(matrix(0, 3, 3)), as_mlx(0L, "int32"),
      as_mlx(c(300, -300), "int32"), list(as_mlx(1:3), as_mlx(1:3)), list(as_mlx(1:2), as_mlx(1:3)),
      mlx_default_stream("cpu"), mlx_key(1)
    ),
    damaged_arrays()
  )
}

damaged_arrays <- function() {
  alist(
    unserialize(serialize(as_mlx(1:3), NULL)), structure(list(), class = "mlx"), structure(1, class = "mlx"),
    structure(list(ptr = NULL, device = "cpu"), class = "mlx"), structure(list(1, 2), class = "mlx"),
    structure(list(ptr = unclass(getLoadedDLLs()[["stats"]])$info, device = "cpu"), class = "mlx"),
    structure(list(ptr = as_mlx(1)$ptr, device = "tpu"), class = "mlx"), structure(function(x) x, class = "mlx"),
    structure(list(ptr = as_mlx(1)$ptr, device = NULL), class = "mlx"), structure("a", class = "mlx_stream"),
    structure(list(), class = "mlx_stream"), structure(list(), class = "mlx_module"), structure(list(), class = "mlx_param")
  )
}

# Arrays that suit each other: every array of one call comes from one row.
array_families <- function() {
  list(
    alist(as_mlx(c(0.5, 1, 2)), as_mlx(3:1, "int32"), as_mlx(c(1, 2, 4), "float16"), as_mlx(c(TRUE, FALSE, TRUE))),
    alist(as_mlx(matrix(1:6 / 4, 2)), t(as_mlx(matrix(1:6, 3))), as_mlx(matrix(1:12, 2))[, 2:4]),
    alist(as_mlx(matrix(c(4, 1, 1, 1, 3, 0, 1, 0, 2), 3)), as_mlx(diag(3)), t(as_mlx(matrix(c(2, 1, 0, 0, 3, 1, 1, 0, 4), 3)))),
    alist(as_mlx(array(1:24 / 8, 2:4)), t(as_mlx(array(1:24, 4:2))), as_mlx(array(1:24, 2:4), "bfloat16")),
    alist(mlx_scalar(2), mlx_scalar(0.5), mlx_scalar(3L, "int32")),
    alist(as_mlx(matrix(1:64 / 64, 1, 64)), as_mlx(matrix(64:1 / 64, 1, 64))),
    alist(as_mlx(array(1:32, c(1, 4, 4, 2))), as_mlx(array(1:32 / 32, c(2, 4, 2, 2)))),
    alist(as_mlx(array(1:16 / 16, c(1, 2, 2, 2, 2))), as_mlx(array(1:32, c(2, 2, 2, 2, 2))))
  )
}

# Arguments that a formal of this name is likely to take, for formals without a telling default.
good_values <- function() {
  sizes <- alist(c(2, 3), 6, c(3, 2), c(1, 6), c(2, 3, 4), 3)
  axis <- alist(1, 2, NULL, 1L)
  count <- alist(1, 2, 3, 64L)
  streams <- alist("cpu", mlx_default_stream("cpu"))
  same <- function(value, names) stats::setNames(rep(list(value), length(names)), names)
  c(
    same(sizes, c("dim", "shape", "newshape", "normalized_shape")),
    same(axis, c("axis", "axis1", "along", "MARGIN", "source", "start_axis", "dims", "margin")),
    same(count, c(
      "n", "m", "k", "num", "kth", "repeats", "nrow", "ncol", "size", "in_features", "out_features", "num_features",
      "num_embeddings", "embedding_dim", "num_samples", "digits", "max_iter", "nu", "nv"
    )),
    same(closure_values(), c("f", "loss_fn", "FUN", "grad_fn", "forward", "fn", "fun")),
    same(streams, c("device", "stream")),
    list(
      axes = c(axis, alist(c(1, 2))), axis2 = alist(2, 1), destination = alist(2, 1), end_axis = alist(2),
      perm = alist(2:1, c(2, 1, 3), NULL), reps = alist(2, c(1, 2)), sections = alist(1, 3, c(1, 2)), shift = alist(1, -1),
      pad_width = alist(1, c(0, 2), list(c(1, 0), c(0, 1))), start = alist(1, 0, c(1, 1)), stop = alist(2, 3, c(2, 2)),
      offset = alist(0, 1), low = alist(0), high = alist(5), lower = alist(-1), upper = alist(1),
      min = alist(0, -1, NULL), max = alist(1, 4, NULL), p = alist(0.5, as_mlx(c(0.1, 0.9))), prob = alist(0.5),
      probs = alist(0.5, c(0.25, 0.75)), ord = alist(2, 1, Inf, "fro"), nan = alist(0), seed = alist(1, 42),
      mean = alist(0, c(0, 0), as_mlx(1:3)), cov = alist(diag(2), as_mlx(diag(3))), key = alist(mlx_key(1)),
      center = alist(TRUE, FALSE), scale = alist(1, 2, TRUE), lr = alist(0.1), argnums = alist(1, NULL),
      dtype = as.list(fuzz_dtypes()), mode = alist("any", "list", "numeric", "edge", "affine", TRUE),
      reduction = alist("mean", "sum", "none"), data = alist(1:6, c(TRUE, FALSE), as_mlx(1:6)),
      value = alist(1, 0.5, c(2, 3), list(NULL), list(NULL, NULL), list(c("a", "b"), NULL), NULL),
      e2 = alist(2, as_mlx(c(1, 2, 3)), TRUE), X = alist(1:3, as_mlx(1:3)), code = alist(as_mlx(1:3) + 1, 1),
      indices = alist(1:2, list(1:2), list(1:2, 1:2), as_mlx(matrix(c(1, 2, 2), 1))), beta_init = alist(as_mlx(c(0, 0, 0))),
      file = alist(tempfile(), tempfile(fileext = ".npy"), tempfile(fileext = ".safetensors")), path = alist(tempfile()),
      arrays = alist(list(a = as_mlx(1:3)), list(a = as_mlx(1:3), b = as_mlx(diag(2)))), metadata = alist(list(), c(a = "b")),
      module = alist(mlx_linear(3, 2), mlx_sequential(mlx_linear(3, 2), mlx_relu())),
      params = alist(mlx_parameters(mlx_linear(3, 2))), values = alist(list(as_mlx(diag(2))), as_mlx(1:3), 5),
      optimizer = alist(mlx_optimizer_sgd(mlx_parameters(mlx_linear(3, 2))))
    )
  )
}

closure_values <- function() {
  alist(
    function(x) sum(x), function(x, ...) sum(x * x), function(...) 1, function(x) NULL, function(x) "a",
    function(x) stop("raised by the user's function"), function(x) list(x, x), function(x) x[1:2],
    function(module, x) sum(mlx_forward(module, x)), function(x) as.vector(x)
  )
}

# Indices for `[` and its like; the empty one stands for a missing argument.
index_values <- function() {
  alist(
    , , 1, 2, 1:2, -1, 0, c(TRUE, FALSE), TRUE, FALSE, logical(0), integer(0), "a", NULL, NA, -1:1, 2.5, 1e10, c(2, 2),
    as_mlx(1:2), as_mlx(TRUE), as_mlx(c(TRUE, FALSE)), as_mlx(numeric(0)), mlx_scalar(1), matrix(1, 1, 2), cbind(1:2, 2:1),
    as_mlx(matrix(1, 1, 2)), matrix(TRUE, 2, 3), as_mlx(matrix(TRUE, 2, 3)), list(1), factor("a"), NaN, -1e10, 1i
  )
}

# Objects of the classes whose methods are called, one for each class that has methods.
class_values <- function() {
  list(
    mlx_stream = alist(mlx_default_stream("cpu")), mlx_module = alist(mlx_linear(3, 2), mlx_relu()), mlx_param = alist(
      mlx_parameters(mlx_linear(3, 2))[[1]]
    ),
    mlx_exporter = alist(mlx_exporter(tempfile(fileext = ".mlxfn"), function(x) x + 1)), mlx_sitrep = alist(mlx_sitrep())
  )
}

# The empty argument.
no_value <- function() formals(function(x) NULL)$x

# Keeps the expressions that can be evaluated with what the package has.
usable <- function(expressions) {
  good <- vapply(expressions, function(value) {
    identical(value, no_value()) || !inherits(try(eval(value, new.env()), silent = TRUE), "try-error")
  }, NA)
  expressions[good]
}
