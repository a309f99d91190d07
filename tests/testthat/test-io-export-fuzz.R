# Operations that are imported since functions can be exported here: no damaged file may crash, hang or read elsewhere.
test_that("damaged functions of packed matrices are refused or run", {
  table <- export_table()[c(
    "quantized", "dequantized", "packing", "chosen packed matrices", "float packed in a format", "layer norm"
  )]
  path <- withr::local_tempfile(fileext = ".mlxfn")
  good <- lapply(table, function(entry) {
    do.call(mlx_export_function, c(list(path, entry$f), entry$args))
    file_bytes(path)
  })
  # the constants make up most of a file; what matters lies around them
  expect_survives(good, ".mlxfn", function(file) {
    f <- mlx_import_function(file, device = "cpu")
    for (dim in list(c(2, 64), c(2, 2, 64), c(2, 32), c(2, 3))) {
      x <- as_mlx(array(cos(seq_len(prod(dim))), dim))
      results <- tryCatch(f(x), mlx_error = function(e) NULL)
      results <- if (is_mlx(results)) list(results) else results
      for (result in results) as.vector(result)
    }
    as_mlx(1)
  }, most = 60L)
})

test_that("no change of a setting in a packed product is taken on trust", {
  path <- withr::local_tempfile(fileext = ".mlxfn")
  entry <- export_table()$quantized
  mlx_export_function(path, entry$f, entry$args[[1L]])
  good <- file_bytes(path)
  text <- rawToChar(replace(good, good == 0, as.raw(1)))
  name <- regexpr("QuantizedMatmul", text, fixed = TRUE, useBytes = TRUE)
  state <- name + nchar("QuantizedMatmul") + 0:12
  folder <- withr::local_tempdir()
  for (i in seq_along(state)) {
    for (value in c(0, 1, 2, 16, 32, 33, 127, 128, 255)) {
      bytes <- good
      bytes[[state[[i]]]] <- as.raw(value)
      writeBin(bytes, file.path(folder, sprintf("%d-%d.mlxfn", i, value)))
    }
  }
  expect_gt(name, 0)
  output <- survivors(folder, function(file) mlx_import_function(file)(matrix(cos(1:128), 2)))
  expect_length(output, 1L)
  counts <- as.numeric(strsplit(output, " ")[[1L]])
  expect_identical(sum(counts), 9 * 13)
})
