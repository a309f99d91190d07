test_that("arrays of every dtype and shape come back under their names, in their order", {
  file <- withr::local_tempfile(fileext = ".safetensors")
  for (shape in shapes()) {
    values <- lapply(stats::setNames(nm = rev(all_dtypes())), function(dtype) sample_array(shape, dtype))
    arrays <- Map(make_mlx, values, names(values))
    expect_identical(withVisible(mlx_save_safetensors(file, arrays)), list(value = file, visible = FALSE))
    loaded <- mlx_load_safetensors(file)
    expect_identical(names(loaded), c("tensors", "metadata"))
    expect_identical(names(loaded$tensors), names(arrays))
    expect_identical(loaded$metadata, stats::setNames(character(), character()))
    for (dtype in names(arrays)) {
      expected <- as_stored(values[[dtype]], dtype)
      expect_array_equal(loaded$tensors[[dtype]], expected, dtype = dtype, shape = shape, tolerance = 0, info = dtype)
    }
  }
})

test_that("views and R objects are saved in logical order", {
  file <- withr::local_tempfile(fileext = ".safetensors")
  pairs <- views("float32")
  mlx_save_safetensors(file, lapply(pairs, `[[`, 1L))
  for (name in names(pairs)) {
    expect_array_equal(mlx_load_safetensors(file)$tensors[[name]], pairs[[name]][[2L]], info = name)
  }
  mlx_save_safetensors(file, list(m = matrix(1:6, 2), l = c(TRUE, FALSE)))
  expect_array_equal(mlx_load_safetensors(file)$tensors$m, matrix(as.double(1:6), 2))
  expect_array_equal(mlx_load_safetensors(file)$tensors$l, c(TRUE, FALSE))
})

test_that("names and metadata may be any text", {
  file <- withr::local_tempfile(fileext = ".safetensors")
  odd <- c("é", "数", "\U1F600", "a\"b\\c/d", "tab\tline\n", "\001", " ")
  mlx_save_safetensors(file, stats::setNames(as.list(seq_along(odd)), odd), stats::setNames(rev(odd), odd))
  loaded <- mlx_load_safetensors(file)
  expect_identical(names(loaded$tensors), odd)
  expect_mapequal(as.list(loaded$metadata), stats::setNames(as.list(rev(odd)), odd))
  latin1 <- iconv("é", "UTF-8", "latin1")
  mlx_save_safetensors(file, stats::setNames(list(1), latin1), stats::setNames(latin1, latin1))
  expect_identical(names(mlx_load_safetensors(file)$tensors), "é")
  expect_identical(mlx_load_safetensors(file)$metadata, c("é" = "é"))
})

test_that("metadata is sorted by name, and taken from other vectors", {
  file <- withr::local_tempfile(fileext = ".safetensors")
  save <- function(metadata) mlx_load_safetensors(mlx_save_safetensors(file, list(x = 1), metadata))$metadata
  expect_identical(save(c(b = "2", a = "1")), c(a = "1", b = "2"))
  expect_identical(save(c(n = 1L)), c(n = "1"))
  expect_identical(save(NULL), stats::setNames(character(), character()))
})

test_that("files are those of the safetensors package, byte for byte, and its files and MLX's are read", {
  good <- io_fixtures("safetensors")
  file <- withr::local_tempfile(fileext = ".safetensors")
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    theirs <- good[[paste("safetensors", dtype)]]
    mlx_save_safetensors(file, list(x = make_mlx(io_sample(dtype), dtype)))
    expect_identical(file_bytes(file), theirs, info = dtype)
    expect_io_sample(mlx_load_safetensors(bytes_file(theirs, ".safetensors"))$tensors$x, dtype)
  }
  theirs <- good$`safetensors metadata`
  x <- make_mlx(io_sample("int8"), "int8")
  mlx_save_safetensors(file, stats::setNames(list(x), "é \"q\""), c(k = "v "))
  expect_identical(mlx_load_safetensors(bytes_file(theirs, ".safetensors"))$metadata, c(k = "v\n"))
  expect_identical(names(mlx_load_safetensors(bytes_file(theirs, ".safetensors"))$tensors), "é \"q\"")
  every <- mlx_load_safetensors(bytes_file(good$`mlx all`, ".safetensors"))$tensors
  expect_setequal(names(every), setdiff(all_dtypes(), "float64"))
  for (dtype in names(every)) expect_io_sample(every[[dtype]], dtype)
  loaded <- mlx_load_safetensors(bytes_file(good$`mlx metadata`, ".safetensors"))
  expect_identical(loaded$metadata, c(a = "1", b = "2"))
  expect_array_equal(loaded$tensors$x, 1.5)
  expect_array_equal(loaded$tensors$e, matrix(0, 0, 3))
})

# A file of this header and `n` bytes of data.
safetensors_of <- function(header, n = 16L, length = nchar(header, "bytes"), env = parent.frame()) {
  size <- as.raw(c(length %% 256, length %/% 256, rep(0, 6)))
  bytes_file(c(size, charToRaw(header), raw(n)), ".safetensors", env = env)
}

test_that("headers that lie are refused", {
  entry <- function(dtype = "\"F32\"", shape = "[4]", offsets = "[0,16]") {
    sprintf("{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}", dtype, shape, offsets)
  }
  refused <- function(header, why, ...) {
    expect_error(mlx_load_safetensors(safetensors_of(header, ...)), class = "mlx_error_io", regexp = why, info = header)
  }
  x <- function(...) sprintf("{\"x\":%s}", entry(...))
  expect_array_equal(mlx_load_safetensors(safetensors_of(x()))$tensors$x, numeric(4))
  refused(x(shape = "[5]"), "offsets")
  refused(x(shape = "[4.0]"), "shape")
  refused(x(shape = "[-4]"), "shape")
  refused(x(shape = "[4294967296]"), "one axis")
  refused(x(shape = "[2147483647,2147483647,2147483647]"), "memory")
  refused(x(shape = sprintf("[%s1]", strrep("1,", 64))), "axes")
  refused(x(offsets = "[16,0]"), "offsets")
  refused(x(offsets = "[4,20]"), "beyond the end")
  refused(x(offsets = "[18446744073709551600,18446744073709551616]"), "data_offsets")
  refused(x(offsets = "[18446744073709551599,18446744073709551615]"), "beyond the end")
  refused(x(offsets = "[0]"), "data_offsets")
  refused(x(dtype = "\"F33\""), "type \"F33\"")
  refused(x(dtype = "1"), "dtype")
  refused(sprintf("{\"x\":%s,\"y\":%s}", entry(), entry()), "overlaps")
  refused(sprintf("{\"x\":%s,\"x\":%s}", entry(), entry()), "twice")
  refused("{\"x\":1}", "description")
  refused("[]", "no JSON object")
  refused("{\"__metadata__\":1}", "metadata")
  refused("{\"__metadata__\":{\"a\":1}}", "metadata entry")
  refused(x(), "cut short", length = 30000)
})

test_that("headers that are no JSON are refused", {
  for (header in c(
    "", "{", "{\"x\"", "{\"x\":", "{\"x\":{", "{,}", "{} {}", "{\"a\":tru}", "{\"a\":01}", "{\"a\":\"\\x\"}",
    "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u12\"}", "{\"a\\u0000\":1}", "{\"a\":\"\n\"}", strrep("[", 1000), "nonsense"
  )) {
    error <- expect_error(mlx_load_safetensors(safetensors_of(header)), class = "mlx_error_io", info = header)
    expect_match(conditionMessage(error), "JSON", info = header)
  }
  emoji <- "{\"\\ud83d\\ude00\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}"
  expect_identical(names(mlx_load_safetensors(safetensors_of(emoji))$tensors), "\U1F600")
})

test_that("wrong arguments are errors of their own", {
  file <- withr::local_tempfile(fileext = ".safetensors")
  wrong <- function(code, why) expect_error(code, class = "mlx_error_argument", regexp = why)
  wrong(mlx_save_safetensors(file, list()), "must contain at least one element")
  wrong(mlx_save_safetensors(file, list(1)), "must be a named list")
  wrong(mlx_save_safetensors(file, list(a = 1, 2)), "must be a named list")
  wrong(mlx_save_safetensors(file, as_mlx(1)), "must be a named list")
  wrong(mlx_save_safetensors(file, c(a = 1)), "must be a named list")
  wrong(mlx_save_safetensors(file, list(a = 1, a = 2)), "twice")
  wrong(mlx_save_safetensors(file, list(a = "b")), "Cannot convert")
  wrong(mlx_save_safetensors(file, list(a = 1), "b"), "must be a named character vector")
  wrong(mlx_save_safetensors(file, list(a = 1), c(b = "c", "d")), "must be a named character vector")
  wrong(mlx_save_safetensors(file, list(a = 1), list(b = "c")), "must be a named character vector")
  wrong(mlx_save_safetensors(file, list(a = 1), c(b = NA)), "NA")
  wrong(mlx_save_safetensors(1, list(a = 1)), "single, non-missing character string")
  expect_error(mlx_save_safetensors(file, list(`__metadata__` = 1)), class = "mlx_error_io", regexp = "format's own")
  expect_false(file.exists(file))
  withr::local_dir(withr::local_tempdir())
  writeLines("nonsense", "bad.safetensors")
  expect_snapshot({
    show_condition(mlx_load_safetensors("bad"))
    show_condition(mlx_load_safetensors("missing"))
    show_condition(mlx_save_safetensors("x", list(1)))
  })
})
