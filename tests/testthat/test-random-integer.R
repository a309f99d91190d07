counts_p <- function(x, p) stats::chisq.test(tabulate(as.vector(x), length(p)), p = p)$p.value

test_that("mlx_rand_bernoulli() draws TRUE with its probability", {
  n <- 20000
  for (p in c(0, 1e-3, 0.3, 0.5, 1)) {
    x <- mlx_rand_bernoulli(c(n / 2, 2), p, key = mlx_key(6))
    expect_identical(list(mlx_shape(x), mlx_dtype(x)), list(as.integer(c(n / 2, 2)), "bool"))
    expect_lte(abs(mean(as.vector(x)) - p), 5 * sqrt(p * (1 - p) / n))
  }
  expect_identical(mlx_device(mlx_rand_bernoulli(3, device = "cpu")), "cpu")
})

test_that("probabilities may be an array", {
  p <- matrix(c(0, 0.25, 1), 1)
  for (prob in list(p, as_mlx(p), as.vector(p))) {
    x <- as.matrix(mlx_rand_bernoulli(c(20000, 3), prob, key = mlx_key(6)))
    expect_identical(colMeans(x)[c(1, 3)], c(0, 1))
    expect_lt(abs(mean(x[, 2]) - 0.25), 0.02)
  }
})

test_that("probabilities are checked", {
  for (bad in list(-0.1, 1.1, NA, NaN, Inf, "a", NULL, c(0.5, 2), list(1))) {
    expect_error(mlx_rand_bernoulli(2, bad), class = "mlx_error_argument", regexp = "prob must be between 0 and 1")
  }
  expect_error(mlx_rand_bernoulli(2, c(0.1, 0.2, 0.3)), class = "mlx_error_shape")
  expect_error(mlx_rand_bernoulli(2, matrix(0.1, 2, 2)), class = "mlx_error_shape")
  expect_error(mlx_rand_bernoulli(0), class = "mlx_error_argument", regexp = "positive integers")
})

test_that("a mask can be drawn inside a gradient and a compiled function", {
  mask <- as.vector(mlx_rand_bernoulli(4, 0.5, key = mlx_key(1)))
  f <- function(x) sum(x * mlx_rand_bernoulli(4, 0.5, key = mlx_key(1)))
  expect_array_equal(mlx_grad(f, as_mlx(1:4))[[1]], as.numeric(mask))
  expect_array_equal(mlx_compile(f)(as_mlx(1:4)), sum((1:4)[mask]))
})

test_that("mlx_rand_randint() draws every integer of its range equally often", {
  x <- mlx_rand_randint(20000, -2, 4, key = mlx_key(1))
  expect_identical(list(mlx_shape(x), mlx_dtype(x)), list(20000L, "int32"))
  expect_setequal(as.vector(x), -2:3)
  expect_gt(counts_p(x + 3, rep(1 / 6, 6)), 1e-3)
  expect_array_equal(mlx_rand_randint(3, 5, 6), rep(5L, 3), dtype = "int32")
  # fractions are cut off
  expect_array_equal(mlx_rand_randint(3, -1.9, 0.5), rep(-1L, 3), dtype = "int32")
})

test_that("wide ranges are filled evenly, to the last digit", {
  ranges <- list(
    list(-2^31, 2^31, "int32"), list(0, 2^32, "uint32"), list(0, 2^32 + 2, "int64"), list(-2^53, 2^53, "int64"),
    list(-2^63, 2^63, "int64"), list(-2^63, 2^62, "int64"), list(0, 2^64, "uint64"), list(3, 2^63, "uint64")
  )
  for (range in ranges) {
    x <- mlx_rand_randint(10000, range[[1]], range[[2]], range[[3]], key = mlx_key(3))
    expect_identical(mlx_dtype(x), range[[3]])
    values <- suppressWarnings(as.vector(x))
    expect_true(all(values >= range[[1]] & values <= range[[2]], na.rm = TRUE))
    place <- (values - range[[1]]) / (range[[2]] - range[[1]])
    expect_gt(suppressWarnings(stats::ks.test(place, "punif")$p.value), 1e-3)
    digit <- as.vector(x %% as_mlx(2, dtype = range[[3]]))
    expect_lt(abs(mean(abs(digit)) - 0.5), 0.03)
  }
})

test_that("the limbs of a wide draw are multiplied as on paper", {
  # floor(u n / 2^96) of 96 random bits u, in exact arithmetic by digits of 2^8
  product <- function(words, n) {
    bytes <- function(x, k) vapply(seq_len(k) - 1, function(i) floor(x / 256^i) %% 256, 0)
    u <- unlist(lapply(words, bytes, 4))
    out <- numeric(20)
    digits <- bytes(n, 7)
    for (i in seq_along(digits)) {
      out[i + 0:11] <- out[i + 0:11] + u * digits[[i]]
    }
    for (i in 1:19) {
      out[[i + 1]] <- out[[i + 1]] + floor(out[[i]] / 256)
      out[[i]] <- out[[i]] %% 256
    }
    sum(out[13:19] * 256^(0:6))
  }
  n <- 2^52 + 12345
  words <- as.matrix(mlx_key_bits(c(3, 50), key = mlx_key(4)))
  expected <- apply(words, 2, product, n)
  expect_array_equal(mlx_rand_randint(50, 0, n, "int64", key = mlx_key(4)), expected, dtype = "int64")
})

test_that("ranges are checked", {
  for (bad in list("a", 1:2, NULL, NA, Inf, NaN)) {
    expect_error(mlx_rand_randint(2, bad, 3), class = "mlx_error_argument", regexp = "must be a single numeric value")
    expect_error(mlx_rand_randint(2, 0, bad), class = "mlx_error_argument", regexp = "must be a single numeric value")
  }
  for (range in list(c(1, 1), c(2, 1), c(0.2, 0.9))) {
    expect_error(mlx_rand_randint(2, range[[1]], range[[2]]),
      class = "mlx_error_argument", regexp = "low must be less than high"
    )
  }
  expect_error(mlx_rand_randint(2, -1, 3, "uint32"), class = "mlx_error_argument", regexp = "does not hold")
  expect_error(mlx_rand_randint(2, 0, 2^31 + 1), class = "mlx_error_argument", regexp = "does not hold")
  expect_error(mlx_rand_randint(2, 0, 1e300, "int64"), class = "mlx_error_argument", regexp = "does not hold")
  for (dtype in c("float32", "int8", "bool")) {
    expect_error(mlx_rand_randint(2, 0, 3, dtype), class = "mlx_error_dtype", regexp = "should be one of")
  }
})

test_that("mlx_rand_categorical() draws 1-based classes in proportion to their weights", {
  p <- c(0.2, 0.5, 0, 0.3)
  n <- 10000
  for (logits in list(log(p), as_mlx(log(p) + 7), matrix(log(p), 1), as_mlx(matrix(log(p), 4)))) {
    axis <- if (identical(mlx_shape(as_mlx(logits)), c(4L, 1L))) 1 else NULL
    x <- mlx_rand_categorical(logits, axis, n, key = mlx_key(5))
    expect_identical(mlx_dtype(x), "int32")
    expect_setequal(as.vector(x), c(1, 2, 4))
    expect_gt(stats::chisq.test(tabulate(as.vector(x), 4)[-3], p = p[-3])$p.value, 1e-3)
  }
})

test_that("several distributions are drawn from side by side", {
  p <- rbind(c(0.2, 0.8, 0), c(0.9, 0, 0.1))
  n <- 10000
  by_row <- mlx_rand_categorical(log(p), num_samples = n, key = mlx_key(5))
  by_column <- mlx_rand_categorical(as_mlx(log(t(p))), axis = 1, num_samples = n, key = mlx_key(5))
  for (x in list(by_row, by_column)) {
    expect_identical(mlx_shape(x), c(2L, as.integer(n)))
    shares <- t(apply(as.matrix(x), 1, tabulate, 3)) / n
    expect_lt(max(abs(shares - p)), 0.02)
    expect_identical(shares[p == 0], c(0, 0))
  }
})

test_that("classes have the shape of the logits without their axis, then the samples", {
  for (case in list(
    list(3, NULL, 5, 5L), list(c(1, 3), NULL, 100, c(1L, 100L)), list(c(2, 3), NULL, 1, c(2L, 1L)),
    list(c(2, 3, 4), 2, 5, c(2L, 4L, 5L)), list(c(2, 3, 4), NULL, 1, c(2L, 3L, 1L)), list(c(1, 4, 1), 2, 6, c(1L, 1L, 6L))
  )) {
    x <- mlx_rand_categorical(mlx_zeros(case[[1]]), case[[2]], case[[3]])
    expect_identical(mlx_shape(x), case[[4]])
  }
  expect_identical(mlx_shape(mlx_rand_categorical(as_mlx(matrix(0, 0, 3)), num_samples = 2)), c(0L, 2L))
})

test_that("logits of any real dtype will do, and infinite ones share the weight", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    x <- mlx_rand_categorical(make_mlx(in_shape(rep(0, 6), c(2L, 3L)), dtype), num_samples = 4)
    expect_true(all(as.vector(x) %in% 1:3))
  }
  expect_setequal(as.vector(mlx_rand_categorical(c(0, Inf, -Inf, Inf), num_samples = 100)), c(2, 4))
  expect_error(mlx_rand_categorical(5), class = "mlx_error_shape", regexp = "at least one class")
})

test_that("a great many classes are all met", {
  n <- 2e5
  x <- as.vector(mlx_rand_categorical(mlx_zeros(n), num_samples = n, key = mlx_key(1)))
  expect_true(all(x >= 1 & x <= n))
  expect_lt(abs(mean(x > n / 2) - 0.5), 5 / sqrt(n))
  expect_lt(abs(length(unique(x)) / n - (1 - exp(-1))), 0.005)
})

test_that("arguments of mlx_rand_categorical() are checked", {
  logits <- matrix(0, 2, 3)
  for (bad in list(0, -1, NA, 1:2, "a", Inf)) {
    expect_error(mlx_rand_categorical(logits, num_samples = bad),
      class = "mlx_error_argument", regexp = "num_samples must be at least 1"
    )
  }
  for (bad in list(1:2, "a")) {
    expect_error(mlx_rand_categorical(logits, bad), class = "mlx_error_argument", regexp = "single positive integer")
  }
  for (bad in list(0, -1, 3, Inf)) {
    expect_error(mlx_rand_categorical(logits, bad), class = "mlx_error_shape", regexp = "out of bounds")
  }
  expect_error(mlx_rand_categorical(as_mlx(1i)), class = "mlx_error_dtype")
  expect_error(mlx_rand_categorical(matrix(0, 2, 0)), class = "mlx_error_shape")
})

test_that("mlx_rand_permutation() of a number orders 1 to n at random", {
  x <- mlx_rand_permutation(100, key = mlx_key(1))
  expect_identical(list(mlx_shape(x), mlx_dtype(x)), list(100L, "int32"))
  expect_identical(sort(as.vector(x)), 1:100)
  expect_array_equal(mlx_rand_permutation(1.9), 1L, "int32", shape = 1L)
  # the 24 orders of 4
  orders <- vapply(1:2400, function(seed) {
    sum(as.vector(mlx_rand_permutation(4, key = mlx_key(seed))) * c(1000, 100, 10, 1))
  }, 0)
  expect_length(unique(orders), 24L)
  expect_gt(stats::chisq.test(table(orders))$p.value, 1e-3)
})

test_that("the slices of an array are shuffled together", {
  m <- matrix(1:12, 4, dimnames = list(letters[1:4], c("u", "v", "w")))
  for (x in list(m, as_mlx(m), as_mlx(m, dtype = "int32"), t(t(as_mlx(m))))) {
    for (axis in 1:2) {
      shuffled <- as.matrix(mlx_rand_permutation(x, axis, key = mlx_key(axis)))
      names <- dimnames(shuffled)
      expect_setequal(names[[axis]], dimnames(m)[[axis]])
      expect_equal(shuffled, m[names[[1]], names[[2]]])
    }
  }
  expect_false(identical(rownames(mlx_rand_permutation(m, key = mlx_key(1))), rownames(m)))
  expect_identical(mlx_dtype(mlx_rand_permutation(as_mlx(m, dtype = "int64"))), "int64")
  expect_setequal(as.vector(mlx_rand_permutation(c(3, 1, 2))), 1:3)
  expect_identical(mlx_shape(mlx_rand_permutation(as_mlx(matrix(0, 0, 3)))), c(0L, 3L))
  expect_array_equal(mlx_rand_permutation(as_mlx(array(7, 1))), 7, shape = 1L)
})

test_that("names go where an array is shuffled inside a compiled function", {
  x <- as_mlx(c(a = 1, b = 2, c = 3))
  shuffled <- mlx_compile(function(key) mlx_rand_permutation(x, key = key))(mlx_key(1))
  expect_array_equal(shuffled, as.vector(mlx_rand_permutation(x, key = mlx_key(1))))
})

test_that("arguments of mlx_rand_permutation() are checked", {
  for (bad in list(0, -3, NA_real_, NaN, 0.5)) {
    expect_error(mlx_rand_permutation(bad), class = "mlx_error_argument", regexp = "n must be at least 1")
  }
  expect_error(mlx_rand_permutation(1e10), class = "mlx_error_shape")
  expect_error(mlx_rand_permutation("a"), class = "mlx_error_argument")
  expect_error(mlx_rand_permutation(NULL), class = "mlx_error_argument")
  for (bad in list(0, 3, -1)) {
    expect_error(mlx_rand_permutation(diag(2), bad), class = "mlx_error_shape", regexp = "out of bounds")
  }
  expect_error(mlx_rand_permutation(diag(2), 1:2), class = "mlx_error_argument", regexp = "single positive integer")
  expect_error(mlx_rand_permutation(mlx_scalar(3)), class = "mlx_error_shape", regexp = "out of bounds")
  expect_snapshot({
    show_condition(mlx_rand_permutation(0))
    show_condition(mlx_rand_randint(2, 0, 2^40))
    show_condition(mlx_rand_randint(2, 3, 3))
    show_condition(mlx_rand_bernoulli(2, 1.5))
    show_condition(mlx_rand_categorical(1:3, num_samples = 0))
  })
})

test_that("an array without elements is permuted inside a gradient", {
  grad <- mlx_grad(function(x) sum(mlx_rand_permutation(x)), as_mlx(array(0, c(2, 0, 3))))[[1L]]
  expect_identical(mlx_shape(grad), c(2L, 0L, 3L))
})
