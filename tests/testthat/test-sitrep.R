test_that("the situation report names versions, kernels and libraries", {
  report <- mlx_sitrep()
  expect_s3_class(report, "mlx_sitrep")
  expect_identical(report$mlx, mlx_version())
  expect_identical(report$package, as.character(packageVersion("Rmlx")))
  expect_match(report$kernels, "256 bits|any processor")
  expect_match(report$memory, "^[0-9]+ MB in arrays, [0-9]+ MB kept .*, limit [0-9]+ MB")
  expect_true(all(lengths(report) == 1L) && all(nzchar(unlist(report))))
  expect_output(print(report), "blas: +/.*\n.*compiler:")
})

test_that("OpenBLAS tells which kernels it has chosen", {
  blas <- mlx_sitrep()$blas
  skip_if_not(grepl("openblas", blas, ignore.case = TRUE), "another BLAS")
  expect_match(blas, "OpenBLAS [0-9.]+.* kernels for [A-Za-z]+$")
})
