# The same algorithm on R's own arrays.
descent_in_r <- function(gradient, beta, lambda, lipschitz = rep(1, length(beta)), size = 1, max_iter = 1000, tol = 1e-6) {
  for (sweep in seq_len(max_iter)) {
    before <- beta
    for (block in split(seq_along(beta), (seq_along(beta) - 1) %/% size)) {
      z <- beta[block] - gradient(beta)[block] / lipschitz[block]
      beta[block] <- sign(z) * pmax(abs(z) - lambda / lipschitz[block], 0)
    }
    if (max(abs(beta - before)) < tol) {
      return(list(beta = matrix(beta), n_iter = sweep, converged = TRUE))
    }
  }
  list(beta = matrix(beta), n_iter = max_iter, converged = FALSE)
}

regression <- function(n = 60, p = 6, seed = 1) {
  withr::with_seed(seed, {
    x <- matrix(stats::rnorm(n * p), n)
    truth <- c(2, -1.5, rep(0, p - 2))
    y <- x %*% truth + stats::rnorm(n, sd = 0.1)
  })
  xm <- as_mlx(x)
  ym <- as_mlx(y)
  list(
    x = x, y = y, p = p, n = n, start = matrix(0, p, 1), lipschitz = colSums(x^2) / n,
    loss = function(beta) sum((xm %*% beta - ym)^2) / (2 * n),
    grad = function(beta) crossprod(xm, xm %*% beta - ym) / n,
    in_r = function(beta) drop(crossprod(x, x %*% beta - y)) / n
  )
}

test_that("the lasso is that of the same algorithm in R, for every block size", {
  d <- regression()
  for (size in c(1, 2, 4, 6)) {
    bounds <- if (size == 1) d$lipschitz else rep(sum(d$lipschitz), d$p)
    for (lambda in c(0, 0.1, 0.5)) {
      fit <- mlx_coordinate_descent(d$loss, d$start, lambda, lipschitz = bounds, block_size = size, tol = 1e-4)
      expected <- descent_in_r(d$in_r, drop(d$start), lambda, bounds, size, tol = 1e-4)
      expect_array_equal(fit$beta, expected$beta, tolerance = 1e-4, info = paste(size, lambda))
      expect_identical(fit$converged, expected$converged)
      expect_lte(abs(fit$n_iter - expected$n_iter), 1)
    }
  }
  expect_identical(as.vector(fit$beta)[3:6], numeric(4))
})

test_that("without a penalty it finds the least squares", {
  d <- regression()
  fit <- mlx_coordinate_descent(d$loss, d$start, lipschitz = d$lipschitz)
  expect_true(fit$converged)
  expect_array_equal(fit$beta, matrix(stats::lm.fit(d$x, d$y)$coefficients), tolerance = 1e-4)
})

test_that("a given gradient and the automatic one agree", {
  d <- regression(50, 10)
  own <- mlx_coordinate_descent(d$loss, d$start, 0.05, grad_fn = d$grad, lipschitz = d$lipschitz, max_iter = 50)
  automatic <- mlx_coordinate_descent(d$loss, as_mlx(d$start), 0.05, lipschitz = as_mlx(d$lipschitz), max_iter = 50)
  expect_true(own$converged && automatic$converged)
  expect_array_equal(own$beta, as.matrix(automatic$beta), tolerance = 1e-4)
  plain <- mlx_coordinate_descent(d$loss, d$start, 0.05, grad_fn = d$in_r, lipschitz = d$lipschitz, max_iter = 50)
  expect_array_equal(plain$beta, as.matrix(own$beta), tolerance = 1e-4)
})

test_that("100 coordinates in blocks converge", {
  d <- regression(300, 100)
  fit <- mlx_coordinate_descent(d$loss, d$start, 0.01, grad_fn = d$grad, lipschitz = 3 * d$lipschitz, block_size = 8,
    max_iter = 200, tol = 1e-4
  )
  expect_true(fit$converged)
  expect_array_equal(fit$beta, descent_in_r(d$in_r, drop(d$start), 0.01, d$lipschitz)$beta, tolerance = 1e-3)
})

gaussian_cache <- function(d, ridge = NULL) {
  cache <- list2env(list(type = "gaussian", x = d$x, residual = d$y, n_obs = d$n))
  cache$ridge_penalty <- ridge
  cache
}

test_that("a gaussian cache gives the same fit, and its residual follows", {
  d <- regression()
  expected <- descent_in_r(d$in_r, drop(d$start), 0.1, d$lipschitz)
  for (size in c(1, 3)) {
    cache <- gaussian_cache(d)
    bounds <- if (size == 1) d$lipschitz else rep(sum(d$lipschitz), d$p)
    fit <- mlx_coordinate_descent(function(beta) stop("not called"), d$start, 0.1,
      lipschitz = bounds, block_size = size, grad_cache = cache
    )
    expect_true(fit$converged)
    expect_array_equal(fit$beta, expected$beta, tolerance = 1e-4)
    expect_array_equal(cache$residual, d$y - d$x %*% as.matrix(fit$beta), tolerance = 1e-4)
  }
})

test_that("the ridge penalty acts on a cache; its own field goes first", {
  d <- regression()
  ridged <- function(ridge) {
    descent_in_r(function(beta) d$in_r(beta) + ridge * beta, drop(d$start), 0.1, d$lipschitz + ridge)$beta
  }
  fitted <- function(bounds, ridge, cache) {
    mlx_coordinate_descent(d$loss, d$start, 0.1, ridge, lipschitz = bounds, grad_cache = cache)$beta
  }
  for (ridge in list(0.5, seq(0.1, 0.6, by = 0.1))) {
    bounds <- d$lipschitz + ridge
    expect_array_equal(fitted(bounds, ridge, gaussian_cache(d)), ridged(ridge), tolerance = 1e-4)
    expect_array_equal(fitted(bounds, 9, gaussian_cache(d, ridge)), ridged(ridge), tolerance = 1e-4)
    expect_array_equal(fitted(bounds, as_mlx(matrix(ridge)), gaussian_cache(d)), ridged(ridge), tolerance = 1e-4)
  }
})

test_that("a binomial cache fits a logistic regression", {
  d <- regression(200, 3)
  y <- withr::with_seed(4, stats::rbinom(200, 1, stats::plogis(d$x %*% c(1, -1, 0.5))))
  cache <- list2env(list(
    type = "binomial", x = as_mlx(d$x), eta = rep(0, 200), mu = rep(0.5, 200), y = y, residual = matrix(0.5 - y), n_obs = 200
  ))
  fit <- mlx_coordinate_descent(function(beta) stop("not called"), d$start, lipschitz = d$lipschitz / 4, grad_cache = cache)
  expected <- stats::glm.fit(d$x, y, family = stats::binomial())$coefficients
  expect_true(fit$converged)
  expect_array_equal(fit$beta, matrix(expected), tolerance = 1e-3)
  expect_array_equal(cache$eta, d$x %*% as.matrix(fit$beta), tolerance = 1e-4)
  expect_array_equal(cache$mu, stats::plogis(d$x %*% as.matrix(fit$beta)), tolerance = 1e-4)
  expect_array_equal(cache$residual, as.matrix(cache$mu) - y, tolerance = 1e-5)
})

test_that("a cache of another type is left aside", {
  d <- regression()
  cache <- list2env(list(type = "poisson"))
  fit <- mlx_coordinate_descent(d$loss, d$start, 0.1, lipschitz = d$lipschitz, grad_cache = cache)
  expect_array_equal(fit$beta, descent_in_r(d$in_r, drop(d$start), 0.1, d$lipschitz)$beta, tolerance = 1e-4)
})

test_that("running out of sweeps is no error, and block_size is cut to what there is", {
  d <- regression()
  fit <- mlx_coordinate_descent(d$loss, d$start, max_iter = 2, tol = 0, lipschitz = d$lipschitz)
  expect_identical(fit[c("n_iter", "converged")], list(n_iter = 2, converged = FALSE))
  one <- function(size) as.vector(mlx_coordinate_descent(d$loss, d$start, max_iter = 1, block_size = size)$beta)
  for (size in list(NA, 0, -3, 1.9, "a", NULL)) expect_identical(one(size), one(1), info = deparse(size))
  expect_identical(one(1e6), one(6))
})

test_that("numbers that are not finite stop the descent with a warning", {
  d <- regression()
  expect_warning(
    fit <- mlx_coordinate_descent(d$loss, d$start, lipschitz = rep(1e-30, 6), max_iter = 20),
    class = "mlx_warning_range", regexp = "non-finite updates"
  )
  expect_identical(fit[c("n_iter", "converged")], list(n_iter = 20, converged = FALSE))
  expect_true(all(is.finite(as.vector(fit$beta))))
  nan <- function(beta) beta * NaN
  expect_warning(fit <- mlx_coordinate_descent(d$loss, d$start, grad_fn = nan), regexp = "non-finite coefficients")
  expect_array_equal(fit$beta, d$start)
  expect_snapshot(show_condition(mlx_coordinate_descent(d$loss, d$start, grad_fn = nan)))
})

test_that("the column keeps its dtype, integers become floats", {
  d <- regression()
  cpu <- as_mlx(d$start, dtype = "float64", device = "cpu")
  fit <- mlx_coordinate_descent(d$loss, cpu, 0.1, grad_fn = d$in_r, lipschitz = d$lipschitz, tol = 1e-12)
  expect_array_equal(fit$beta, descent_in_r(d$in_r, drop(d$start), 0.1, d$lipschitz, tol = 1e-12)$beta, dtype = "float64",
    tolerance = 1e-6
  )
  fit <- mlx_coordinate_descent(d$loss, as_mlx(d$start, dtype = "int32"), 0.1, lipschitz = d$lipschitz)
  expect_identical(mlx_dtype(fit$beta), "float32")
})

test_that("errors of the user's functions arrive as raised", {
  d <- regression()
  expect_error(mlx_coordinate_descent(function(beta) stop("mine"), d$start), "mine")
  expect_error(mlx_coordinate_descent(d$loss, d$start, grad_fn = function(beta) stop("mine")), "mine")
  expect_error(mlx_coordinate_descent(function(beta) beta, d$start), class = "mlx_error_grad")
  expect_error(mlx_coordinate_descent(d$loss, d$start, grad_fn = function(beta) 1), class = "mlx_error_shape")
  expect_error(mlx_coordinate_descent(d$loss, d$start, grad_fn = function(beta) "a"), class = "mlx_error_argument")
})

test_that("arguments of mlx_coordinate_descent() are checked", {
  d <- regression()
  fit <- function(...) mlx_coordinate_descent(d$loss, d$start, ...)
  expect_error(fit(lipschitz = 1:2), class = "mlx_error_argument", regexp = "length equal")
  for (bad in list(rep(0, 6), rep(-1, 6), c(1, 1, 1, 1, 1, NA), rep(Inf, 6))) {
    expect_error(fit(lipschitz = bad), class = "mlx_error_argument", regexp = "finite and positive")
  }
  for (bad in list("a", as_mlx(1i), TRUE)) {
    expect_error(fit(lipschitz = bad), class = "mlx_error_argument", regexp = "numeric")
  }
  for (bad in list("a", 1:2, NULL, list(1))) {
    expect_error(fit(lambda = bad), class = "mlx_error_argument", regexp = "numeric scalar")
  }
  for (bad in list(-1, NA_real_, Inf)) {
    expect_error(fit(lambda = bad), class = "mlx_error_argument", regexp = "finite and non-negative")
  }
  for (bad in list(1:2, numeric())) {
    expect_error(fit(ridge_penalty = bad), class = "mlx_error_argument", regexp = "scalar or length n_pred")
  }
  for (bad in list("a", -1, NA_real_, NULL, as_mlx(1i))) expect_error(fit(ridge_penalty = bad), class = "mlx_error_argument")
  for (bad in list(0, -1, NA, "a", NULL, Inf)) expect_error(fit(max_iter = bad), class = "mlx_error_argument")
  for (bad in list(-1, NA, "a", NULL)) expect_error(fit(tol = bad), class = "mlx_error_argument")
  for (bad in list(1, "a", list())) expect_error(fit(grad_cache = bad), class = "mlx_error_argument", regexp = "environment")
  for (bad in list(1, "a")) expect_error(fit(grad_fn = bad), class = "mlx_error_argument", regexp = "grad_fn")
  expect_error(fit(grad_cache = list2env(list(type = "gaussian"))), class = "mlx_error_argument", regexp = "has no `x`")
  expect_error(mlx_coordinate_descent(1, d$start), class = "mlx_error_argument", regexp = "loss_fn")
  for (bad in list(1, 1:3, diag(2), matrix(0, 0, 1))) {
    expect_error(mlx_coordinate_descent(d$loss, bad), class = "mlx_error_shape", regexp = "beta_init")
  }
  expect_error(mlx_coordinate_descent(d$loss, matrix(1i)), class = "mlx_error_dtype")
  expect_error(mlx_coordinate_descent(d$loss, "a"), class = "mlx_error_argument")
  expect_snapshot({
    show_condition(fit(lipschitz = 1:2))
    show_condition(fit(lambda = -1))
    show_condition(fit(ridge_penalty = 1:2))
    show_condition(mlx_coordinate_descent(d$loss, 1:3))
    show_condition(fit(grad_fn = function(beta) 1))
  })
})
