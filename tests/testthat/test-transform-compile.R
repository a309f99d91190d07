test_that("mlx_compile() runs nothing before the first call, and the R code once for each signature", {
  calls <- 0L
  f <- mlx_compile(function(x) {
    calls <<- calls + 1L
    x + x
  })
  expect_identical(calls, 0L)
  expect_array_equal(f(as_mlx(1:3)), c(2, 4, 6))
  expect_array_equal(f(as_mlx(4:6)), c(8, 10, 12))
  expect_identical(calls, 1L)
  expect_array_equal(f(as_mlx(1:2)), c(2, 4))
  expect_identical(calls, 2L)
  expect_array_equal(f(as_mlx(1:2, "int32")), c(2L, 4L), dtype = "int32")
  expect_array_equal(f(as_mlx(matrix(1:2, 1))), matrix(c(2, 4), 1))
  expect_identical(calls, 4L)
  f(as_mlx(1:3))
  expect_identical(calls, 4L)
})

test_that("the number of arguments belongs to the signature", {
  f <- mlx_compile(function(...) Reduce(`+`, list(...)))
  x <- as_mlx(c(1, 2))
  expect_array_equal(f(x, x), c(2, 4))
  expect_array_equal(f(x, x, x), c(3, 6))
  expect_array_equal(f(x), c(1, 2))
})

test_that("shapeless = TRUE gives right results for other sides and ranks", {
  f <- mlx_compile(function(x) abs(x) * x, shapeless = TRUE)
  for (n in c(5L, 10L)) {
    m <- sample_array(c(n, n), "float32")
    expect_array_equal(f(as_mlx(m)), abs(m) * m)
  }
  v <- sample_array(20L, "float32")
  expect_array_equal(f(as_mlx(v)), abs(v) * v)
})

test_that("shapeless = TRUE refuses shapes that do not fit, as the plain function does", {
  add <- mlx_compile(function(x) x + as_mlx(1:3), shapeless = TRUE)
  expect_array_equal(add(1:3), c(2, 4, 6))
  expect_error(add(1:4), class = "mlx_error_shape")
  product <- mlx_compile(function(x, y) x %*% y, shapeless = TRUE)
  expect_array_equal(product(diag(2), diag(2)), diag(2))
  expect_error(product(diag(3), diag(2)), class = "mlx_error_shape")
  expect_array_equal(product(diag(3), diag(3)), diag(3))
})

test_that("a function without axes works on scalars", {
  expect_array_equal(mlx_compile(function(x) x * x)(as_mlx(3)), 9)
})

test_that("compiled functions work on every dtype and on arrays without elements", {
  f <- mlx_compile(function(x) t(x)[1:2, ])
  for (dtype in all_dtypes()) {
    m <- sample_array(c(3L, 4L), dtype)
    expect_array_equal(f(make_mlx(m, dtype)), as_stored(t(m)[1:2, ], dtype), dtype = dtype, info = dtype)
  }
  expect_array_equal(mlx_compile(function(x) x + x)(as_mlx(matrix(0, 0, 3))), matrix(0, 0, 3))
})

test_that("compiled functions carry NaN, infinities and zeros on", {
  f <- mlx_compile(function(x, y) x * y + x)
  expect_array_equal(f(as_mlx(specials()), as_mlx(rev(specials()))), specials() * rev(specials()) + specials())
})

test_that("compiled functions read views", {
  f <- mlx_compile(function(x) x * x - x)
  for (pair in views("float32")) expect_array_equal(f(pair[[1L]]), pair[[2L]]^2 - pair[[2L]])
})

test_that("fused functions keep half and double precision", {
  f <- mlx_compile(function(x) (x + 1) * x)
  for (dtype in c("float16", "bfloat16", "float64")) {
    expect_array_equal(f(make_mlx(c(0.5, 2), dtype)), c(0.75, 6), dtype = dtype, info = dtype)
  }
  third <- f(make_mlx(1 / 3, "float64"))
  expect_array_equal(third, 4 / 9, dtype = "float64")
})

test_that("arguments are converted, and given by position", {
  f <- mlx_compile(function(a, b) a - b)
  expect_array_equal(f(c(5, 6), 1), c(4, 5))
  expect_array_equal(f(b = as_mlx(5), a = as_mlx(3)), 2)
})

test_that("what is found outside the arguments is taken as it is when traced", {
  shift <- 1
  f <- mlx_compile(function(x) x + shift)
  expect_array_equal(f(as_mlx(1)), 2)
  shift <- 100
  expect_array_equal(f(as_mlx(1)), 2)
})

test_that("lists of arrays keep their order and names, and a list of one comes back as the array", {
  f <- mlx_compile(function(x) list(double = x + x, square = x * x))
  for (i in 1:2) {
    result <- f(as_mlx(c(1, 3)))
    expect_identical(names(result), c("double", "square"))
    expect_array_equal(result$double, c(2, 6))
    expect_array_equal(result$square, c(1, 9))
  }
  expect_null(names(mlx_compile(function(x) list(x, x))(as_mlx(1))))
  expect_array_equal(mlx_compile(function(x) list(only = x + x))(as_mlx(1)), 2)
})

test_that("an argument may be returned as it is", {
  expect_array_equal(mlx_compile(function(x) x)(as_mlx(1:3)), c(1, 2, 3))
  both <- mlx_compile(function(x, y) list(y, x))(as_mlx(1), as_mlx(2))
  expect_array_equal(both[[1L]], 2)
})

test_that("what is no array is refused at the first call", {
  x <- as_mlx(1)
  expect_error(mlx_compile(function(x) 1)(x), class = "mlx_error_trace", regexp = "must return either .* not numeric")
  expect_error(mlx_compile(function(x) NULL)(x), class = "mlx_error_trace", regexp = "must return either .* not NULL")
  expect_error(mlx_compile(function(x) list())(x), class = "mlx_error_trace", regexp = "empty list")
  expect_error(mlx_compile(function(x) list(x, 1))(x), class = "mlx_error_trace", regexp = "non-mlx element at position 2")
})

test_that("values cannot be read while a function is traced", {
  x <- as_mlx(c(1, 2))
  for (read in list(as.matrix, as.vector, as.numeric, print, mlx_eval, format, function(x) all(x > 0))) {
    reading <- mlx_compile(function(x) {
      read(x)
      x
    })
    expect_error(capture.output(reading(x)), class = "mlx_error_trace", regexp = "cannot be read")
    expect_error(capture.output(reading(x)), class = "mlx_error_trace", regexp = "cannot be read")
  }
  expect_array_equal(x, c(1, 2))
})

test_that("arguments of mlx_compile() and of its functions are checked", {
  expect_error(mlx_compile("sum"), class = "mlx_error_argument", regexp = "First argument must be a function")
  expect_error(mlx_compile(sum)(), class = "mlx_error_argument", regexp = "requires at least one argument")
  expect_error(mlx_compile(sum)("a"), class = "mlx_error_argument", regexp = "Cannot convert")
})

test_that("a function that failed while traced can be called again", {
  fail <- TRUE
  f <- mlx_compile(function(x) if (fail) stop("on purpose") else x + x)
  expect_error(f(as_mlx(1)), "on purpose")
  fail <- FALSE
  expect_array_equal(f(as_mlx(1)), 2)
})

test_that("a compiled function may call another one, but not itself", {
  double <- mlx_compile(function(x) x + x)
  expect_array_equal(mlx_compile(function(x) double(x) * x)(as_mlx(3)), 18)
  again <- mlx_compile(function(x) again(x))
  expect_error(again(as_mlx(1)), class = "mlx_error_trace", regexp = "cannot call itself")
  expect_array_equal(double(as_mlx(4)), 8)
})

test_that("mlx_disable_compile() makes plain functions of all, and mlx_enable_compile() ends that", {
  withr::defer(mlx_enable_compile())
  calls <- 0L
  f <- mlx_compile(function(x) {
    calls <<- calls + 1L
    list(a = x + x)
  })
  f(as_mlx(1))
  expect_null(expect_invisible(mlx_disable_compile()))
  for (i in 1:3) expect_array_equal(f(as_mlx(i)), 2 * i)
  expect_identical(calls, 4L)
  expect_error(mlx_compile(function(x) 1)(as_mlx(1)), class = "mlx_error_trace", regexp = "must return either")
  expect_null(expect_invisible(mlx_enable_compile()))
  g <- mlx_compile(function(x) {
    calls <<- calls + 1L
    x * x
  })
  for (i in 1:3) expect_array_equal(g(as_mlx(i)), i^2)
  expect_identical(calls, 5L)
})

test_that("MLX_DISABLE_COMPILE starts a session with plain functions", {
  skip_on_cran()
  output <- run_child(
    {
      calls <- 0
      f <- mlx_compile(function(x) {
        calls <<- calls + 1
        x + x
      })
      for (i in 1:3) f(as_mlx(i))
      mlx_enable_compile()
      for (i in 1:3) f(as_mlx(i))
      cat(calls)
    },
    env = "MLX_DISABLE_COMPILE=1"
  )
  expect_identical(utils::tail(output, 1L), "4")
})

test_that("without a compiler there is one warning, and results are right", {
  skip_on_cran()
  skip_if_gpu()
  # a folder with what Rscript and the child need, but no compiler
  tools <- withr::local_tempdir()
  for (tool in c("sh", "sed", "uname", "dirname", "basename", "expr", "rm", "which", "grep", "mkdir", "ls", "cat", "env")) {
    if (nzchar(Sys.which(tool))) file.symlink(Sys.which(tool), file.path(tools, tool))
  }
  output <- run_child(
    {
      warned <- character()
      f <- mlx_compile(function(x, y) exp(x * y) + x)
      g <- mlx_compile(function(x) x * x + 1)
      values <- withCallingHandlers(
        c(as.vector(f(as_mlx(1), as_mlx(0))), as.vector(f(as_mlx(2), as_mlx(0))), as.vector(g(as_mlx(3)))),
        warning = function(w) {
          warned <<- c(warned, class(w)[[1]])
          invokeRestart("muffleWarning")
        }
      )
      cat(nzchar(Sys.which("g++")), values, warned)
    },
    env = c(paste0("PATH=", tools), "RMLX_KERNEL_CACHE=off")
  )
  expect_identical(utils::tail(output, 1L), "FALSE 2 3 10 mlx_warning_compile")
})

test_that("with a compiler that does not work there is one warning, and results are right", {
  skip_on_cran()
  skip_if_gpu()
  skip_on_os("windows")
  tools <- withr::local_tempdir()
  compiler <- file.path(tools, "g++")
  # one that fails at all times, and one that can tell its version
  for (broken in list("exit 1", "case $1 in --version) echo 'g++ 12.2.0'; exit 0;; esac; echo broken >&2; exit 1")) {
    writeLines(c("#!/bin/sh", broken), compiler)
    Sys.chmod(compiler, "0755")
    output <- run_child(
      {
        warned <- character()
        f <- mlx_compile(function(x, y) exp(x * y) + x)
        g <- mlx_compile(function(x) x * x + 1)
        values <- withCallingHandlers(
          c(as.vector(f(as_mlx(1), as_mlx(0))), as.vector(f(as_mlx(2), as_mlx(0))), as.vector(g(as_mlx(3)))),
          warning = function(w) {
            warned <<- c(warned, class(w)[[1]])
            invokeRestart("muffleWarning")
          }
        )
        cat(values, warned)
      },
      env = c(paste0("PATH=", tools, ":", Sys.getenv("PATH")), "RMLX_KERNEL_CACHE=off")
    )
    expect_identical(utils::tail(output, 1L), "2 3 10 mlx_warning_compile", info = broken)
  }
})

test_that("the kernel folder is the user's alone", {
  skip_on_cran()
  skip_if_gpu()
  skip_on_os("windows")
  skip_if_not(nzchar(Sys.which("g++")), "g++")
  root <- file.path(withr::local_tempdir(), "kernels")
  kernels <- function() list.files(root, "[.]so$", recursive = TRUE, full.names = TRUE)
  use <- function(env = character()) {
    run_child(
      {
        cat(as.vector(mlx_compile(function(x) x * x + exp(x))(as_mlx(0))))
      },
      env = c(paste0("RMLX_KERNEL_CACHE=", root), "_R_CHECK_PACKAGE_NAME_=", env)
    )
  }
  expect_identical(use(), "1")
  expect_gt(length(kernels()), 0L)
  builds <- list.dirs(root, recursive = FALSE)
  expect_length(builds, 1L)
  expect_identical(as.character(file.info(builds)$mode), "700")
  # the second session finds the kernels
  made <- file.info(kernels())$mtime
  expect_identical(use(), "1")
  expect_identical(file.info(kernels())$mtime, made)
  # a folder that others may write to is made private again before it is used
  Sys.chmod(builds, "0777", use_umask = FALSE)
  expect_identical(use(), "1")
  expect_identical(as.character(file.info(builds)$mode), "700")
})

test_that("RMLX_KERNEL_CACHE=off keeps kernels in the session's temporary folder", {
  skip_on_cran()
  skip_if_gpu()
  skip_if_not(nzchar(Sys.which("g++")), "g++")
  home <- withr::local_tempdir()
  output <- run_child(
    {
      mlx_eval(mlx_compile(function(x) x * x + exp(x))(as_mlx(0)))
      cat(length(list.files(tempdir(), "[.]so$", recursive = TRUE)) > 0)
    },
    env = c("RMLX_KERNEL_CACHE=off", paste0("R_USER_CACHE_DIR=", home), paste0("XDG_CACHE_HOME=", home))
  )
  expect_identical(utils::tail(output, 1L), "TRUE")
  expect_identical(list.files(home, recursive = TRUE), character())
})
