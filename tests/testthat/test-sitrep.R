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

# The kernels that OpenBLAS says it uses in a new process that it starts with those for Haswell; `forget` leaves that choice
# to the package.
kernels_of_child <- function(forget) {
  script <- withr::local_tempfile(fileext = ".R")
  unset <- if (forget) 'Sys.unsetenv("OPENBLAS_CORETYPE")'
  writeLines(c(
    unset, child_header(), "x <- matrix(as.double(1:10000 %% 7), 100)",
    "stopifnot(identical(as.matrix(as_mlx(x) %*% as_mlx(x)), x %*% x))",
    'cat(mlx_sitrep()$blas, Sys.getenv("OPENBLAS_CORETYPE", "unset"), sep = "\n")'
  ), script)
  output <- system2(rscript(), c("--vanilla", script), stdout = TRUE, env = "OPENBLAS_CORETYPE=Haswell")
  c(sub(".* kernels for ", "", output[[1L]]), output[[2L]])
}

test_that("OpenBLAS uses AVX-512 where the processor has it, unless the user has chosen", {
  skip_on_cran()
  skip_if_not(grepl("OpenBLAS .*DYNAMIC_ARCH", mlx_sitrep()$blas), "no OpenBLAS that chooses its kernels")
  skip_if_not(file.exists("/proc/cpuinfo"), "not on Linux")
  flags <- strsplit(grep("^flags", readLines("/proc/cpuinfo"), value = TRUE)[1], " ")[[1]]
  skip_if_not(all(c("avx512f", "avx512bw", "avx512dq", "avx512vl") %in% flags), "no AVX-512")
  expect_identical(kernels_of_child(forget = TRUE), c("SkylakeX", "unset"))
  expect_identical(kernels_of_child(forget = FALSE), c("Haswell", "Haswell"))
})
