# Both directions with Python's MLX, where RMLX_PYTHON names an interpreter that has it.

test_that("MLX in Python runs what is exported", {
  python <- io_python(c("numpy", "mlx.core"))
  withr::local_dir(withr::local_tempdir())
  plain <- lapply(expressions(), function(entry) list(f = entry$f, args = unname(entry$args)))
  plain$`solve(a, b)` <- NULL
  table <- c(plain, export_table())
  for (i in seq_along(table)) {
    entry <- table[[i]]
    args <- lapply(entry$args, as_mlx)
    do.call(mlx_export_function, c(list(sprintf("%03d.mlxfn", i), entry$f), args))
    results <- flat_arrays(do.call(entry$f, args))
    names(args) <- sprintf("i%02d", seq_along(args))
    names(results) <- sprintf("o%02d", seq_along(results))
    mlx_save_safetensors(sprintf("%03d", i), c(args, results), c(name = names(table)[[i]]))
  }
  lines <- run_python(python, c(
    "import mlx.core as mx, numpy as np, glob",
    "mx.set_default_device(mx.cpu)",
    "good = 0",
    "for path in sorted(glob.glob('*.mlxfn')):",
    "    values, meta = mx.load(path.replace('mlxfn', 'safetensors'), return_metadata=True)",
    "    inputs = [values[k] for k in sorted(values) if k[0] == 'i']",
    "    expected = [values[k] for k in sorted(values) if k[0] == 'o']",
    "    try:",
    "        results = mx.import_function(path)(*inputs)",
    "        assert len(results) == len(expected)",
    "        for x, y in zip(results, expected):",
    "            assert x.shape == y.shape and x.dtype == y.dtype, (x.shape, x.dtype, y.shape, y.dtype)",
    "            assert np.allclose(np.array(x), np.array(y), rtol=1e-4, atol=1e-5, equal_nan=True)",
    "        good += 1",
    "    except Exception as e: print(meta['name'], repr(e))",
    "print(good)"
  ))
  expect_identical(lines, as.character(length(table)))
})

test_that("MLX in Python finds keywords, several traces and metadata, and fits other sides", {
  python <- io_python("mlx.core")
  withr::local_dir(withr::local_tempdir())
  exporter <- mlx_exporter("f.mlxfn", function(x, bias = 0, scale = 1) x * scale + bias, metadata = "\u00e9t\u00e9")
  exporter(1:2)
  exporter(1:2, scale = 1, bias = 1:2)
  mlx_exporter_close(exporter)
  mlx_export_function("g.mlxfn", function(x, w) exp(x %*% w), diag(2), diag(2), shapeless = TRUE)
  lines <- run_python(python, c(
    "import mlx.core as mx",
    "mx.set_default_device(mx.cpu)",
    "f = mx.import_function('f.mlxfn')",
    "x = mx.array([1., 2.])",
    "print(f(x)[0].tolist(), f(x, scale=mx.array(2.), bias=mx.array([10., 20.]))[0].tolist())",
    "g = mx.import_function('g.mlxfn')",
    "print(g(mx.zeros((3, 4)), mx.ones((4, 2)))[0].tolist())",
    "print('\\u00e9t\\u00e9'.encode() in open('f.mlxfn', 'rb').read())"
  ))
  expect_identical(lines, c("[1.0, 2.0] [12.0, 24.0]", "[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]", "True"))
})

test_that("what MLX in Python exports is imported, with its metadata", {
  python <- io_python("mlx.core")
  withr::local_dir(withr::local_tempdir())
  lines <- run_python(python, c(
    "import mlx.core as mx",
    "mx.set_default_device(mx.cpu)",
    "w, s, b = mx.quantize(mx.sin(mx.arange(2048.)).reshape(32, 64))",
    "def qmm(x): return mx.quantized_matmul(x, w, s, b)",
    "W, S, B = mx.quantize(mx.sin(mx.arange(6144.)).reshape(3, 32, 64))",
    "i = mx.array([2, 0], mx.uint32)",
    "def gather(x): return mx.gather_qmm(x, W, S, B, rhs_indices=i)",
    "def gather_mm(x): return mx.gather_mm(x, mx.swapaxes(mx.dequantize(W, S, B), 1, 2), rhs_indices=i)",
    "def norms(x): return mx.fast.rms_norm(x, None, 1e-5), mx.fast.layer_norm(x, None, None, 1e-5)",
    "x = mx.cos(mx.arange(256.)).reshape(2, 2, 64)",
    "for f in [qmm, gather, gather_mm, norms]:",
    "    mx.export_function(f.__name__ + '.mlxfn', f, x)",
    "    y = f(x)",
    "    y = list(y) if isinstance(y, tuple) else [y]",
    "    mx.save_safetensors(f.__name__, {'x': x} | {f'y{i}': v for i, v in enumerate(y)})",
    "print('good')"
  ))
  expect_identical(lines, "good")
  for (name in c("qmm", "gather", "gather_mm", "norms")) {
    values <- mlx_load_safetensors(name)$tensors
    results <- flat_arrays(mlx_import_function(paste0(name, ".mlxfn"))(values$x))
    for (i in seq_along(results)) {
      want <- values[[sprintf("y%d", i - 1L)]]
      expect_array_equal(results[[i]], as.array(want), tolerance = 1e-5, info = paste(name, i))
    }
  }
})
