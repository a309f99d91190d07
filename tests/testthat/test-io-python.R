# Both directions with Python, where RMLX_PYTHON names an interpreter that has the packages.

test_that("NumPy reads what is saved, and writes what is loaded", {
  python <- io_python(c("numpy", "ml_dtypes"))
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  for (dtype in all_dtypes()) mlx_save(make_mlx(io_sample(dtype), dtype), dtype)
  mlx_savez("all", a = t(as_mlx(matrix(1:6, 3))), b = as_mlx(matrix(0, 0, 3)))
  lines <- run_python(python, c(
    "import numpy as np, ml_dtypes, glob, os",
    "for f in sorted(glob.glob('*.npy')):",
    "    x = np.load(f)",
    "    if x.dtype.kind == 'V': x = x.view(ml_dtypes.bfloat16)",
    "    assert str(x.dtype) == f[:-4], (f, x.dtype)",
    "    n = np.arange(6).reshape(2, 3)",
    "    e = n % 2 == 1 if x.dtype == bool else n + 0.5j * n if x.dtype.kind == 'c' else n / 2 if 'float' in f else n",
    "    assert (x.astype(complex) == e).all(), f",
    "    np.save('back_' + f, np.asfortranarray(x[::-1]))",
    "z = np.load('all.npz')",
    "assert z['a'].tolist() == [[1, 2, 3], [4, 5, 6]] and z['b'].shape == (0, 3)",
    "print('good')"
  ))
  expect_identical(lines, "good")
  for (dtype in all_dtypes()) {
    expected <- as_stored(io_sample(dtype)[2:1, ], dtype)
    expect_array_equal(mlx_load(paste0("back_", dtype)), expected, dtype = dtype, info = dtype)
  }
})

test_that("the safetensors package reads what is saved", {
  python <- io_python(c("numpy", "ml_dtypes", "safetensors"))
  withr::local_dir(withr::local_tempdir())
  dtypes <- setdiff(all_dtypes(), "complex64")
  arrays <- lapply(stats::setNames(nm = dtypes), function(dtype) make_mlx(io_sample(dtype), dtype))
  mlx_save_safetensors("x", arrays, c("clé" = "été"))
  lines <- run_python(python, c(
    "import ml_dtypes, safetensors.numpy, safetensors",
    "for name, x in safetensors.numpy.load_file('x.safetensors').items():",
    "    assert str(x.dtype) == name and x.shape == (2, 3), (name, x.dtype)",
    "    assert x.astype(float)[1, 2] == (1 if name == 'bool' else 2.5 if 'float' in name else 5), name",
    "with safetensors.safe_open('x.safetensors', 'numpy') as f: assert f.metadata() == {'cl\\u00e9': '\\u00e9t\\u00e9'}",
    "print('good')"
  ))
  expect_identical(lines, "good")
})

test_that("MLX in Python reads what is saved", {
  python <- io_python(c("numpy", "mlx.core"))
  withr::local_dir(withr::local_tempdir())
  dtypes <- setdiff(all_dtypes(), "float64")
  arrays <- lapply(stats::setNames(nm = dtypes), function(dtype) make_mlx(io_sample(dtype), dtype))
  mlx_save_safetensors("x", arrays, c(a = "b"))
  for (dtype in dtypes) mlx_save(arrays[[dtype]], dtype)
  mlx_save_gguf("x", arrays[c("float32", "float16", "int8", "int16", "int32")],
    list(text = "t", texts = c("a", "b"), one = as_mlx(2), two = as_mlx(1:2))
  )
  lines <- run_python(python, c(
    "import mlx.core as mx",
    "mx.set_default_device(mx.cpu)",
    "def check(name, x):",
    "    assert str(x.dtype) == 'mlx.core.' + name.replace('bool', 'bool') or name == 'bool', (name, x.dtype)",
    "    last = 1 if name == 'bool' else 2.5 if 'float' in name else 5 + 2.5j if name == 'complex64' else 5",
    "    assert x.shape == (2, 3) and x[1, 2].item() == last, name",
    "arrays, meta = mx.load('x.safetensors', return_metadata=True)",
    "assert meta == {'a': 'b'}",
    "for name, x in arrays.items():",
    "    check(name, x)",
    "    check(name, mx.load(name + '.npy'))",
    "arrays, meta = mx.load('x.gguf', return_metadata=True)",
    "for name, x in arrays.items(): check(name, x)",
    "assert meta['text'] == 't' and meta['texts'] == ['a', 'b'] and meta['one'].item() == 2",
    "assert meta['two'].tolist() == [1, 2]",
    "print('good')"
  ))
  expect_identical(lines, "good")
})

test_that("MLX in Python imports the example", {
  python <- io_python("mlx.core")
  example <- system.file("extdata", "add_matrix.mlxfn", package = "Rmlx")
  lines <- run_python(python, c(
    "import mlx.core as mx",
    "mx.set_default_device(mx.cpu)",
    sprintf("f = mx.import_function('%s')", example),
    "print(f(mx.array([[1., 3.], [2., 4.]]), mx.array([[5., 7.], [6., 8.]]))[0].tolist())"
  ))
  expect_identical(lines, "[[6.0, 10.0], [8.0, 12.0]]")
})
