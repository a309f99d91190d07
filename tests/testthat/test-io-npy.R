test_that("arrays of every dtype, shape and layout come back as they were saved", {
  file <- withr::local_tempfile(fileext = ".npy")
  for (dtype in all_dtypes()) {
    for (shape in shapes()) {
      x <- sample_array(shape, dtype)
      expect_identical(withVisible(mlx_save(make_mlx(x, dtype), file)), list(value = file, visible = FALSE))
      expect_array_equal(mlx_load(file), as_stored(x, dtype), dtype = dtype, shape = shape, tolerance = 0, info = dtype)
    }
    for (name in names(views(dtype))) {
      view <- views(dtype)[[name]]
      mlx_save(view[[1L]], file)
      expect_array_equal(mlx_load(file), as_stored(view[[2L]], dtype), dtype = dtype, tolerance = 0, info = name)
    }
  }
})

test_that("files are NumPy's, byte for byte, and NumPy's and MLX's files are read", {
  good <- io_fixtures("npy")
  file <- withr::local_tempfile(fileext = ".npy")
  for (dtype in all_dtypes()) {
    mlx_save(make_mlx(io_sample(dtype), dtype), file)
    expect_identical(file_bytes(file), good[[paste("numpy", dtype)]], info = dtype)
    expect_io_sample(mlx_load(bytes_file(good[[paste("numpy", dtype)]], ".npy")), dtype)
    if (dtype != "float64") expect_io_sample(mlx_load(bytes_file(good[[paste("mlx", dtype)]], ".npy")), dtype)
  }
  same <- list(
    scalar = as_mlx(2.5), vector = as_mlx(0:2), empty = as_mlx(matrix(0, 0, 3)),
    cube = as_mlx(aperm(array(0:23, 4:2)), dtype = "int16")
  )
  for (name in names(same)) {
    mlx_save(same[[name]], file)
    expect_identical(file_bytes(file), good[[name]], info = name)
  }
})

test_that("files of other orders and versions are read", {
  good <- lapply(io_fixtures("npy"), bytes_file, suffix = ".npy", env = environment())
  expect_io_sample(mlx_load(good$fortran), "float32")
  expect_io_sample(mlx_load(good$`big-endian`), "float64")
  expect_io_sample(mlx_load(good$`big-endian complex`), "complex64")
  expect_io_sample(mlx_load(good$`version 2`), "int32")
  expect_io_sample(mlx_load(good$`version 3`), "int32")
})

test_that("NaN, infinities and the sign of zero are kept", {
  file <- withr::local_tempfile(fileext = ".npy")
  for (dtype in float_dtypes()) {
    mlx_save(make_mlx(specials(), dtype), file)
    values <- as.vector(mlx_load(file))
    expect_identical(values, as.vector(make_mlx(specials(), dtype)), info = dtype)
    expect_identical(zero_signs(values), zero_signs(specials()), info = dtype)
  }
})

test_that("R objects are converted, names are dropped, and the result is where it should be", {
  file <- withr::local_tempfile(fileext = ".npy")
  mlx_save(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)), file)
  expect_array_equal(mlx_load(file, device = "cpu"), matrix(c(1, 2, 3, 4), 2))
  expect_null(dimnames(mlx_load(file)))
  expect_identical(mlx_device(mlx_load(file, "cpu")), "cpu")
  expect_identical(mlx_device(mlx_load(file)), mlx_default_device())
  mlx_save(as_mlx(1, dtype = "float64", device = "cpu"), file)
  expect_identical(mlx_device(mlx_load(file, device = mlx_best_device())), "cpu")
})

test_that("the suffix is appended where it is missing, and ~ is expanded", {
  folder <- withr::local_tempdir()
  expect_identical(mlx_save(1, file.path(folder, "a.mlx")), file.path(folder, "a.mlx.npy"))
  expect_array_equal(mlx_load(file.path(folder, "a.mlx")), 1)
  expect_identical(mlx_save(2, file.path(folder, "B.NPY")), file.path(folder, "B.NPY"))
  expect_array_equal(mlx_load(file.path(folder, "B.NPY")), 2)
  expect_setequal(list.files(folder, all.files = TRUE, no.. = TRUE), c("a.mlx.npy", "B.NPY"))
  home <- path.expand("~")
  skip_if(home == "~", "no home folder")
  expect_error(mlx_load("~/no-such-folder/x"), file.path(home, "no-such-folder", "x.npy"), fixed = TRUE)
})

test_that("an existing file is replaced at once, and stays when saving fails", {
  folder <- withr::local_tempdir()
  file <- file.path(folder, "x.npy")
  mlx_save(1:3, file)
  mlx_save(4, file)
  expect_array_equal(mlx_load(file), 4)
  expect_error(mlx_compile(function(x) mlx_save(x, file))(as_mlx(1)), class = "mlx_error_trace")
  expect_error(mlx_save("a", file), class = "mlx_error_argument")
  expect_array_equal(mlx_load(file), 4)
  dir.create(file.path(folder, "folder.npy"))
  expect_error(mlx_save(1, file.path(folder, "folder.npy")), class = "mlx_error_io", regexp = "no ordinary file")
  expect_setequal(list.files(folder, all.files = TRUE, no.. = TRUE), c("x.npy", "folder.npy"))
})

test_that("a link stays a link", {
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  mlx_save(1, file.path(folder, "x.npy"))
  file.symlink(file.path(folder, "x.npy"), file.path(folder, "y.npy"))
  mlx_save(2, file.path(folder, "y.npy"))
  expect_array_equal(mlx_load(file.path(folder, "x.npy")), 2)
  expect_true(nzchar(Sys.readlink(file.path(folder, "y.npy"))))
})

test_that("a folder that cannot be written to is an error that names the file", {
  skip_on_os("windows")
  skip_if_not(dir.exists("/proc"))
  error <- expect_error(mlx_save(1, "/proc/x"), class = "mlx_error_io", regexp = "Cannot write '/proc/x.npy'")
  expect_identical(error$path, "/proc/x.npy")
})

test_that("values can be saved while a gradient is computed", {
  file <- withr::local_tempfile(fileext = ".npy")
  grad <- mlx_grad(function(x) {
    mlx_save(x, file)
    sum(x * x)
  }, as_mlx(1:2))
  expect_array_equal(grad[[1L]], c(2, 4))
  expect_array_equal(mlx_load(file), c(1, 2))
})

test_that("several arrays go into one file, and NumPy's archives are read", {
  file <- withr::local_tempfile(fileext = ".npz")
  expect_identical(withVisible(mlx_savez(file, a = matrix(1:6, 2), `b é` = TRUE, z = as_mlx(matrix(0, 0, 2)))),
    list(value = file, visible = FALSE)
  )
  x <- mlx_load(file)
  expect_identical(names(x), c("a", "b é", "z"))
  expect_array_equal(x$a, matrix(as.double(1:6), 2))
  expect_array_equal(x$`b é`, TRUE)
  expect_array_equal(x$z, matrix(0, 0, 2))
  mlx_savez(file)
  expect_identical(mlx_load(file), structure(list(), names = character()))
  for (name in c("npz", "npz compressed")) {
    x <- mlx_load(bytes_file(io_fixtures("npy")[[name]], ".npz"))
    expect_identical(names(x), c("a", "b é"))
    expect_io_sample(x$a, "float32")
    expect_array_equal(x$`b é`, 0:299 %% 7L, dtype = "int32", info = name)
  }
})

test_that("what is no array of MLX's is refused", {
  good <- io_fixtures("npy")
  load <- function(name) mlx_load(bytes_file(good[[name]], ".npy"))
  expect_error(load("float128"), class = "mlx_error_io", regexp = "NumPy's type '<f16'")
  expect_error(load("complex128"), class = "mlx_error_io", regexp = "NumPy's type '<c16'")
  expect_error(load("text"), class = "mlx_error_io", regexp = "NumPy's type '<U2'")
  expect_error(load("records"), class = "mlx_error_io", regexp = "records")
  expect_error(mlx_load(bytes_file(raw(), ".npy")), class = "mlx_error_io", regexp = "magic number")
  expect_error(mlx_load(bytes_file(raw(), ".npz")), class = "mlx_error_io", regexp = "directory of the archive")
})

test_that("headers that claim too much are refused before memory is taken", {
  header <- function(shape, descr = "<f4", order = "False") {
    text <- sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
    c(as.raw(c(0x93, utf8ToInt("NUMPY"), 1, 0, nchar(text), 0)), charToRaw(text))
  }
  refused <- function(...) expect_error(mlx_load(bytes_file(header(...), ".npy")), class = "mlx_error_io")
  for (shape in c(
    "(2,)", "(2147483647, 2147483647)", "(4294967296,)", "(99999999999999999999999,)", "(-1,)", "(1.5,)", "(2 3)", "3",
    "(2147483647, 2147483647, 2147483647, 2147483647)", sprintf("(%s)", strrep("1,", 65)), "((1,), 2)", "()", ""
  )) {
    refused(shape)
  }
  refused("(0,)", order = "true")
  refused("(0,)", descr = "<f3")
  refused("(0,)", descr = "<<f4")
  empty <- mlx_load(bytes_file(header("(0, 2147483647, 2147483647)"), ".npy"))
  expect_identical(mlx_shape(empty), c(0L, 2147483647L, 2147483647L))
})

test_that("errors of files tell what is wrong with which file", {
  dir <- withr::local_tempdir()
  withr::local_dir(dir)
  writeLines("nonsense", "bad.npy")
  expect_snapshot({
    show_condition(mlx_load("missing"))
    show_condition(mlx_load("bad"))
    show_condition(mlx_save(1, "no/such/x"))
    show_condition(mlx_save(1, NA_character_))
    show_condition(mlx_load(c("a", "b")))
    show_condition(mlx_load(""))
    show_condition(mlx_savez("x", 1))
    show_condition(mlx_savez("x", a = 1, a = 2))
  })
  expect_identical(expect_error(mlx_load("bad"), class = "mlx_error_io")$path, "bad.npy")
})
