gguf_dtypes <- function() c("float32", "float16", "bfloat16", "int8", "int16", "int32")

test_that("arrays come back under their names, in their order, for every shape and view", {
  file <- withr::local_tempfile(fileext = ".gguf")
  for (shape in shapes()) {
    values <- lapply(stats::setNames(nm = gguf_dtypes()), function(dtype) sample_array(shape, dtype))
    expect_identical(withVisible(mlx_save_gguf(file, Map(make_mlx, values, names(values)))),
      list(value = file, visible = FALSE)
    )
    loaded <- mlx_load_gguf(file)
    expect_identical(loaded$metadata, structure(list(), names = character()))
    expect_identical(names(loaded$tensors), gguf_dtypes())
    for (dtype in gguf_dtypes()) {
      expected <- as_stored(values[[dtype]], dtype)
      expect_array_equal(loaded$tensors[[dtype]], expected, dtype = dtype, shape = shape, tolerance = 0, info = dtype)
    }
  }
  pairs <- views("int8")
  mlx_save_gguf(file, lapply(pairs, `[[`, 1L))
  for (name in names(pairs)) {
    expect_array_equal(mlx_load_gguf(file)$tensors[[name]], pairs[[name]][[2L]], dtype = "int8", info = name)
  }
})

test_that("metadata comes back: strings, vectors of strings, numbers", {
  file <- withr::local_tempfile(fileext = ".gguf")
  meta <- list(description = "demo é", tags = c("a", "", "c"), one = as_mlx(2), scale = as_mlx(1:2))
  mlx_save_gguf(file, list(x = 1), meta)
  loaded <- mlx_load_gguf(file)$metadata
  expect_identical(names(loaded), names(meta))
  expect_identical(loaded[c("description", "tags")], meta[c("description", "tags")])
  expect_array_equal(loaded$one, 2)
  expect_array_equal(loaded$scale, c(1, 2))
  numbers <- setdiff(all_dtypes(), c("float16", "bfloat16", "complex64"))
  mlx_save_gguf(file, list(x = 1), lapply(stats::setNames(nm = numbers), function(dtype) make_mlx(0:1, dtype)))
  loaded <- mlx_load_gguf(file)$metadata
  for (dtype in numbers) expect_array_equal(loaded[[dtype]], as_stored(0:1, dtype), dtype = dtype, info = dtype)
  mlx_save_gguf(file, list(x = 1), c(a = "b"))
  expect_identical(mlx_load_gguf(file)$metadata, list(a = "b"))
  mlx_save_gguf(file, list(x = 1), list(none = as_mlx(numeric())))
  expect_array_equal(mlx_load_gguf(file)$metadata$none, numeric())
})

test_that("MLX's files are read", {
  loaded <- mlx_load_gguf(bytes_file(io_fixtures("gguf")$mlx, ".gguf"))
  expect_setequal(names(loaded$tensors), setdiff(gguf_dtypes(), "bfloat16"))
  for (dtype in names(loaded$tensors)) expect_io_sample(loaded$tensors[[dtype]], dtype)
  meta <- loaded$metadata
  expect_setequal(names(meta), c("text", "texts", "one", "several", "flag"))
  expect_identical(meta[c("text", "texts")], list(text = "dé", texts = c("a", "", "c")))
  expect_array_equal(meta$one, 1.5)
  expect_array_equal(meta$several, c(1, 2), dtype = "uint8")
  expect_array_equal(meta$flag, TRUE)
})

test_that("quantized arrays have the values that the gguf package gives", {
  good <- io_fixtures("gguf")
  loaded <- mlx_load_gguf(bytes_file(good$quantized, ".gguf"))$tensors
  values <- function(name) as.matrix(mlx_load(bytes_file(good[[paste("values", name)]], ".npy")))
  for (name in c("Q2_K", "Q4_K", "Q6_K")) {
    expect_array_equal(loaded[[name]], values(name), dtype = "float16", info = name)
  }
  for (name in c("Q4_0", "Q4_1", "Q8_0")) {
    bits <- if (name == "Q8_0") 8 else 4
    words <- as.matrix(loaded[[paste0(name, ".weight")]])
    # element j of a row stands in word j %/% (32 / bits), lowest bits first
    j <- seq_len(64) - 1
    quants <- words[, j %/% (32 / bits) + 1] %/% rep(2^(bits * (j %% (32 / bits))), each = 2) %% 2^bits
    of_group <- function(part) as.matrix(loaded[[paste0(name, part)]])[, j %/% 32 + 1]
    expect_identical(dim(words), c(2L, as.integer(64 * bits / 32)))
    expect_equal(quants * of_group(".scales") + of_group(".biases"), values(name), tolerance = 1e-3, info = name)
  }
})

# A file of one entry or one array, by its parts.
gguf_of <- function(..., arrays = 0L, entries = 0L, version = 3L, data = raw(64), env = parent.frame()) {
  force(env)
  u32 <- function(n) as.raw(c(bitwAnd(n, 255L), bitwAnd(bitwShiftR(n, 8L), 255L), 0, 0))
  u64 <- function(n) c(u32(as.integer(n)), raw(4))
  part <- function(x) {
    if (is.raw(x)) x else if (is.character(x)) c(u64(nchar(x, "bytes")), charToRaw(x)) else u32(x)
  }
  head <- c(charToRaw("GGUF"), u32(version), u64(arrays), u64(entries), unlist(lapply(list(...), part)))
  bytes_file(c(head, raw(-length(head) %% 32), data), ".gguf", env = env)
}

test_that("files that lie are refused", {
  wide <- function(n) c(as.raw(n), raw(7))
  huge <- as.raw(rep(255, 8))
  test <- environment()
  array <- function(sides, code, offset = wide(0)) {
    gguf_of("x", length(sides), unlist(lapply(sides, wide)), code, offset, arrays = 1L, env = test)
  }
  refused <- function(file, why) expect_error(mlx_load_gguf(file), class = "mlx_error_io", regexp = why)
  expect_array_equal(mlx_load_gguf(array(c(4, 4), 0L))$tensors$x, matrix(0, 4, 4))
  refused(array(c(4, 5), 0L), "beyond the end")
  refused(array(4, 0L, wide(8)), "multiple of 32")
  refused(array(4, 0L, huge), "beyond the end")
  refused(array(4, 5L), "GGUF type 5")
  refused(array(4, 99L), "GGUF type 99")
  refused(array(4, 2L), "whole blocks")
  refused(array(rep(1, 9), 0L), "9 axes")
  refused(gguf_of("x", 1L, huge, 0L, wide(0), arrays = 1L), "one axis")
  refused(gguf_of(huge, arrays = 1L), "cut short")
  refused(gguf_of("x", 0L, 0L, wide(0), "x", 0L, 0L, wide(32), arrays = 2L), "twice")
  refused(gguf_of("x", 0L, 0L, wide(0), "y", 0L, 0L, wide(0), arrays = 2L), "overlaps")
  refused(gguf_of("k", 13L, entries = 1L), "type 13")
  refused(gguf_of("k", 9L, 9L, wide(0), entries = 1L), "list of lists")
  refused(gguf_of("k", 9L, 8L, huge, entries = 1L), "cut short")
  refused(gguf_of("k", 9L, 0L, huge, entries = 1L), "one axis")
  refused(gguf_of("k", 8L, huge, entries = 1L), "cut short")
  refused(gguf_of("k", 8L, "a", "k", 8L, "b", entries = 2L), "twice")
  refused(gguf_of("k\001", 8L, as.raw(c(1, 0, 0, 0, 0, 0, 0, 0, 255)), entries = 1L), "UTF-8")
  refused(gguf_of("k", 8L, as.raw(c(1, 0, 0, 0, 0, 0, 0, 0, 0)), entries = 1L), "NUL")
  refused(gguf_of("general.alignment", 4L, 0L, entries = 1L), "alignment")
  refused(gguf_of("general.alignment", 8L, "a", entries = 1L), "alignment")
  refused(gguf_of(version = 1L), "version 1")
  refused(bytes_file(charToRaw("GGML"), ".gguf"), "magic number")
})

test_that("the alignment of a file is kept to", {
  file <- gguf_of("general.alignment", 4L, 8L, "x", 1L, as.raw(c(2, rep(0, 7))), 24L, as.raw(c(8, rep(0, 7))),
    arrays = 1L, entries = 1L, data = as.raw(1:64)
  )
  head <- 4 + 4 + 16 + 8 + 17 + 8 + 8 + 1 + 4 + 8 + 4 + 8
  skipped <- ceiling(head / 8) * 8 + 8 - ceiling(head / 32) * 32
  expect_array_equal(mlx_load_gguf(file)$tensors$x, skipped + c(1, 2), dtype = "int8")
})

test_that("wrong arguments are errors of their own", {
  file <- withr::local_tempfile(fileext = ".gguf")
  wrong <- function(metadata, why) {
    expect_error(mlx_save_gguf(file, list(a = 1), metadata), class = "mlx_error_argument", regexp = why)
  }
  wrong(list("a"), "must be a named list")
  wrong(sum, "must be a named list")
  wrong(as_mlx(1), "must be a named list")
  wrong(list(a = NULL), "does not support NULL entries")
  wrong(list(a = character()), "must have length >= 1")
  wrong(list(a = 1), "Unsupported GGUF metadata entry of class: numeric")
  wrong(list(a = TRUE), "Unsupported GGUF metadata entry of class: logical")
  wrong(list(a = factor("a")), "Unsupported GGUF metadata entry of class: factor")
  wrong(list(a = NA_character_), "NA")
  wrong(list(a = "b", a = "c"), "twice")
  expect_error(mlx_save_gguf(file, list()), class = "mlx_error_argument", regexp = "at least one element")
  expect_error(mlx_save_gguf(file, list(1)), class = "mlx_error_argument", regexp = "must be a named list")
  for (dtype in setdiff(all_dtypes(), gguf_dtypes())) {
    error <- expect_error(mlx_save_gguf(file, list(a = make_mlx(1, dtype))), class = "mlx_error_dtype")
    expect_identical(error$dtype, dtype)
  }
  expect_error(mlx_save_gguf(file, list(a = 1), list(b = as_mlx(diag(2)))), class = "mlx_error_shape")
  expect_error(mlx_save_gguf(file, list(a = 1), list(b = as_mlx(1i))), class = "mlx_error_dtype")
  expect_error(mlx_save_gguf(file, list(a = 1), c(general.alignment = "8")), class = "mlx_error_io", regexp = "own")
  expect_false(file.exists(file))
  withr::local_dir(withr::local_tempdir())
  writeLines("nonsense", "bad.gguf")
  expect_snapshot({
    show_condition(mlx_load_gguf("bad"))
    show_condition(mlx_load_gguf("missing"))
    show_condition(mlx_save_gguf("x", list(a = 1), list(b = 2)))
    show_condition(mlx_save_gguf("x", list(a = TRUE)))
  })
})
