chain <- function(x) {
  y <- exp(-x * x) * sin(x) + x / (1 + abs(x))
  list(y = y, sum = sum(y), product = crossprod(y))
}

with_lazy <- function(code) mlx_with_mode("lazy", code)

test_that("mlx_mode() says and sets the mode, and mlx_with_mode() puts it back", {
  withr::defer(mlx_mode("lazy"))
  expect_identical(mlx_mode(), "lazy")
  expect_identical(mlx_mode("eager"), "lazy")
  expect_invisible(mlx_mode("eager"))
  expect_identical(mlx_mode(), "eager")
  expect_identical(mlx_with_mode("compiled", mlx_mode()), "compiled")
  expect_identical(mlx_mode(), "eager")
  expect_error(mlx_with_mode("compiled", stop("mine")), "mine")
  expect_identical(mlx_mode(), "eager")
  for (bad in list("fast", NA, 1, NULL, c("lazy", "eager"))) {
    expect_error(mlx_mode(bad), class = "mlx_error_argument", regexp = "should be one of")
  }
  expect_identical(mlx_mode(), "eager")
})

test_that("operations are computed at once in eager mode, and when asked for in the others", {
  x <- as_mlx(1:3)
  expect_false(mlx_is_ready(with_lazy(x * 2)))
  expect_true(mlx_is_ready(mlx_with_mode("eager", x * 2)))
  expect_false(mlx_is_ready(mlx_with_mode("compiled", x * 2)))
})

test_that("in eager mode a failure shows at the operation that caused it", {
  huge <- function() mlx_full(c(2^15, 2^15, 2^12), 1, dtype = "float32")
  expect_s3_class(with_lazy(huge()), "mlx")
  mlx_with_mode("eager", expect_error(huge(), class = "mlx_error_device", regexp = "memory"))
})

test_that("every mode gives the same values, of all dtypes and shapes", {
  for (dtype in float_dtypes()) {
    for (dim in list(c(2L, 3L), c(1L, 4L), c(3L, 0L))) {
      x <- make_mlx(sample_array(dim, dtype), dtype)
      expected <- with_lazy(lapply(chain(x), as.array))
      for (mode in c("eager", "compiled")) {
        found <- mlx_with_mode(mode, {
          values <- chain(x)
          mlx_eval(values)
          values
        })
        tolerance <- if (dtype %in% c("float16", "bfloat16")) 0.05 else 1e-6
        expect_equal(lapply(found, as.array), expected, tolerance = tolerance, info = paste(mode, dtype))
        expect_identical(unique(vapply(found, mlx_dtype, "")), dtype)
      }
    }
  }
})

test_that("what is recorded in compiled mode can be computed in any order, and more than once", {
  x <- as_mlx(c(0.5, 1, 2))
  mlx_with_mode("compiled", {
    y <- exp(x) + 1
    z <- y * y
    expect_array_equal(z, (exp(c(0.5, 1, 2)) + 1)^2, tolerance = 1e-6)
    expect_array_equal(y, exp(c(0.5, 1, 2)) + 1, tolerance = 1e-6)
    expect_array_equal(z - y, (exp(c(0.5, 1, 2)) + 1) * exp(c(0.5, 1, 2)), tolerance = 1e-6)
    parts <- mlx_split(x * 2, 3)
    expect_array_equal(parts[[2L]], array(2))
    expect_array_equal(parts[[3L]], array(4))
    expect_array_equal(parts[[1L]] + x, c(1.5, 2, 3))
    decomposed <- svd(as_mlx(diag(c(3, 2))))
    expect_array_equal(decomposed$d, c(3, 2), tolerance = 1e-6)
    expect_array_equal(abs(decomposed$u), diag(2), tolerance = 1e-6)
  })
})

test_that("transforms work in every mode", {
  loss <- function(w) sum(exp(w) * w)
  w <- c(0.5, -1)
  for (mode in c("lazy", "eager", "compiled")) {
    mlx_with_mode(mode, {
      expect_array_equal(mlx_grad(loss, as_mlx(w))[[1L]], exp(w) * (w + 1), tolerance = 1e-6)
      expect_array_equal(mlx_compile(function(x) exp(x) * x)(as_mlx(w)), exp(w) * w, tolerance = 1e-6)
      expect_array_equal(mlx_vmap(function(row) sum(row))(as_mlx(matrix(1:4, 2))), c(4, 6))
    })
  }
})

test_that("long chains are computed in compiled mode", {
  x <- as_mlx(1)
  for (i in seq_len(5000)) x <- x + 1
  expect_array_equal(mlx_with_mode("compiled", mlx_eval(x)), 5001)
})

test_that("RMLX_MODE sets the mode of a new session", {
  withr::local_envvar(RMLX_MODE = "eager")
  expect_identical(trimws(utils::tail(run_child(cat(mlx_mode(), mlx_is_ready(as_mlx(1) + 1), "\n")), 1L)), "eager TRUE")
  withr::local_envvar(RMLX_MODE = "quick")
  expect_identical(trimws(utils::tail(run_child(cat(mlx_mode(), "\n")), 1L)), "lazy")
})
