test_that("mlx_key() holds the halves of its seed", {
  for (case in list(c(42, 0, 42), c(2^40 + 5, 256, 5), c(0, 0, 0), c(1.9, 0, 1), c(-1, 2^32 - 1, 2^32 - 1))) {
    key <- mlx_key(case[[1]])
    expect_array_equal(key, case[2:3], dtype = "uint32")
    expect_identical(mlx_device(key), "cpu")
  }
})

test_that("mlx_key_split() gives MLX's keys", {
  keys <- mlx_key_split(mlx_key(321), 3)
  expect_type(keys, "list")
  expected <- list(c(3658984441, 1411521434), c(459369225, 2803727357), c(1359659165, 2077682259))
  for (i in 1:3) expect_array_equal(keys[[i]], expected[[i]], dtype = "uint32")
  expect_length(mlx_key_split(mlx_key(1)), 2L)
  expect_length(mlx_key_split(mlx_key(1), 1), 1L)
  again <- mlx_key_split(mlx_key(321), 3)
  expect_identical(lapply(again, as.vector), lapply(keys, as.vector))
})

test_that("mlx_key_bits() gives MLX's bits, by rows", {
  expected <- rbind(
    c(1721823341, 1674751885), c(1071620970, 3598994916), c(3366926910, 325137937), c(1071597343, 3257772808)
  )
  expect_array_equal(mlx_key_bits(c(4, 2), key = mlx_key(777)), expected, dtype = "uint32")
})

test_that("the width of bits is their bytes, and every bit is random", {
  for (width in c(1, 2, 4)) {
    x <- mlx_key_bits(999, width, key = mlx_key(1))
    expect_identical(mlx_dtype(x), sprintf("uint%d", 8L * as.integer(width)))
    high <- 2^(8 * width)
    expect_gt(suppressWarnings(stats::ks.test(as.vector(x) / high, "punif")$p.value), 1e-3)
    expect_lt(abs(mean(as.vector(x) %% 2) - 0.5), 0.08)
  }
  expect_identical(mlx_device(mlx_key_bits(2, device = "cpu")), "cpu")
  expect_false(identical(as.vector(mlx_key_bits(4)), as.vector(mlx_key_bits(4))))
})

test_that("keys can be split inside a compiled function", {
  f <- mlx_compile(function(key) mlx_key_split(key, 2))
  for (seed in 1:2) {
    expect_identical(lapply(f(mlx_key(seed)), as.vector), lapply(mlx_key_split(mlx_key(seed), 2), as.vector))
  }
})

test_that("arguments of key functions are checked", {
  for (bad in list("a", 1:2, NULL, NA, Inf, NaN)) {
    expect_error(mlx_key(bad), class = "mlx_error_argument", regexp = "must be a single numeric value")
  }
  for (bad in list(1, "a", NULL, as_mlx(c(1, 2)), mlx_key_bits(3))) {
    expect_error(mlx_key_split(bad), class = "mlx_error_argument", regexp = "produced by mlx_key()")
  }
  for (bad in list(0, -1, NA, "a", 1:2, Inf, 1e10)) {
    expect_error(mlx_key_split(mlx_key(1), bad), class = "mlx_error_argument", regexp = "must be a positive integer")
    expect_error(mlx_key_bits(2, bad), class = "mlx_error_argument", regexp = "must be a positive integer")
  }
  expect_error(mlx_key_split(mlx_key(1), 2e9), class = "mlx_error_argument", regexp = "must be a positive integer")
  for (width in c(3, 8)) {
    expect_error(mlx_key_bits(2, width), class = "mlx_error_argument", regexp = "Bit width must be")
  }
  expect_error(mlx_key_bits(2, key = 1), class = "mlx_error_argument", regexp = "produced by mlx_key()")
  expect_error(mlx_key_bits(0), class = "mlx_error_argument", regexp = "positive integers")
  expect_snapshot({
    show_condition(mlx_key("a"))
    show_condition(mlx_key_split(1))
    show_condition(mlx_key_bits(2, 3))
  })
})
