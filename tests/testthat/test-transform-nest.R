# Transforms inside transforms, beside closed forms.
x <- c(1, 2, -0.5)
batch <- rbind(x, 2 * x, -x)

gradient_of <- function(f) function(x) mlx_grad(function(x) sum(f(x)), x)[[1L]]

test_that("gradients of gradients of gradients", {
  f <- function(x) x^5 + sin(x)
  expect_array_equal(gradient_of(f)(as_mlx(x)), 5 * x^4 + cos(x), tolerance = 1e-5)
  expect_array_equal(gradient_of(gradient_of(f))(as_mlx(x)), 20 * x^3 - sin(x), tolerance = 1e-5)
  expect_array_equal(gradient_of(gradient_of(gradient_of(f)))(as_mlx(x)), 60 * x^2 - cos(x), tolerance = 1e-5)
  fourth <- gradient_of(gradient_of(gradient_of(gradient_of(f))))
  expect_array_equal(fourth(as_mlx(x)), 120 * x + sin(x), tolerance = 1e-5)
  expect_array_equal(mlx_compile(fourth)(as_mlx(x)), 120 * x + sin(x), tolerance = 1e-5)
})

test_that("vmap of grad, grad of vmap, vmap of vmap", {
  f <- function(x) x^3
  expect_array_equal(mlx_vmap(gradient_of(f))(as_mlx(batch)), 3 * batch^2)
  expect_array_equal(gradient_of(mlx_vmap(f))(as_mlx(batch)), 3 * batch^2)
  expect_array_equal(gradient_of(mlx_vmap(gradient_of(f)))(as_mlx(batch)), 6 * batch)
  expect_array_equal(mlx_vmap(gradient_of(mlx_vmap(f)))(as_mlx(batch)), 3 * batch^2)
  expect_array_equal(mlx_vmap(mlx_vmap(f))(as_mlx(batch)), batch^3)
  cube <- array(as.double(1:24), 2:4)
  expect_array_equal(mlx_vmap(mlx_vmap(sum))(as_mlx(cube)), apply(cube, 1:2, sum))
  expect_array_equal(mlx_vmap(mlx_vmap(sum, 2, 1), 2, 2)(as_mlx(cube)), apply(cube, c(3, 2), sum))
  pairs <- mlx_vmap(function(a) mlx_vmap(function(b) sum(a * b))(as_mlx(batch)))
  expect_array_equal(pairs(as_mlx(batch)), unname(batch %*% t(batch)), tolerance = 1e-5)
})

test_that("per-example gradients are those of the explicit loop", {
  loss <- function(w, x, y) (sum(x * w) - y)^2
  w <- c(0.5, -1, 2)
  y <- c(1, 0, -1)
  per_example <- mlx_vmap(function(w, x, y) mlx_grad(loss, w, x, y, argnums = 1)[[1L]], c(NA, 1, 1))
  loop <- t(vapply(1:3, function(i) 2 * (sum(batch[i, ] * w) - y[[i]]) * batch[i, ], numeric(3)))
  expect_array_equal(per_example(as_mlx(w), as_mlx(batch), as_mlx(y)), loop, tolerance = 1e-5)
  compiled <- mlx_compile(per_example)
  for (i in 1:2) expect_array_equal(compiled(as_mlx(w), as_mlx(batch), as_mlx(y)), loop, tolerance = 1e-5)
})

test_that("compile of value_grad of vmap", {
  f <- mlx_compile(function(x) mlx_value_grad(function(x) sum(mlx_vmap(function(r) sum(r^2) * r)(x)), x))
  # the sum over j of s * r_j with s = sum(r^2): its derivative is 2 r_i sum(r) + s
  expected <- t(apply(batch, 1, function(r) 2 * r * sum(r) + sum(r^2)))
  for (i in 1:2) {
    result <- f(as_mlx(batch))
    expect_array_equal(result$value, sum(apply(batch, 1, function(r) sum(r^2) * sum(r))), tolerance = 1e-5)
    expect_array_equal(result$grads[[1L]], expected, tolerance = 1e-5)
  }
})

test_that("jvp of grad, grad of jvp, vjp of jvp, and vmap of them", {
  f <- function(x) x^4
  v <- c(1, -2, 0.5)
  forward <- function(x) mlx_jvp(f, x, as_mlx(v))$jvps[[1L]]
  expect_array_equal(mlx_jvp(gradient_of(f), as_mlx(x), as_mlx(v))$jvps[[1L]], 12 * x^2 * v)
  expect_array_equal(gradient_of(forward)(as_mlx(x)), 12 * x^2 * v)
  expect_array_equal(mlx_vjp(forward, as_mlx(x), as_mlx(v))$vjps[[1L]], 12 * x^2 * v * v)
  expect_array_equal(mlx_jvp(forward, as_mlx(x), as_mlx(v))$jvps[[1L]], 12 * x^2 * v * v)
  expect_array_equal(mlx_vmap(forward)(as_mlx(batch)), t(4 * t(batch)^3 * v))
  expect_array_equal(mlx_compile(forward)(as_mlx(x)), 4 * x^3 * v)
})

test_that("checkpoint and a custom rule inside grad inside vmap inside compile", {
  ruled <- mlx_custom_vjp(function(x) x^2, function(primals, cotangents, outputs) list(cotangents[[1L]] * 10 * primals[[1L]]))
  f <- mlx_checkpoint(function(x) ruled(x) * 3)
  all <- mlx_compile(mlx_vmap(gradient_of(f)))
  for (i in 1:2) expect_array_equal(all(as_mlx(batch)), 30 * batch, dtype = "float32")
  expect_array_equal(gradient_of(mlx_compile(f))(as_mlx(x)), 30 * x)
  expect_array_equal(gradient_of(gradient_of(f))(as_mlx(x)), c(30, 30, 30))
  # a function that is vectorised has lost its rule
  value <- mlx_compile(function(x) mlx_value_grad(function(x) sum(mlx_vmap(f)(x)), x))(as_mlx(batch))
  expect_array_equal(value$value, sum(3 * batch^2))
  expect_array_equal(value$grads[[1L]], 6 * batch)
})

test_that("compiled functions inside every transform, and the other way round", {
  f <- mlx_compile(function(x) x^3 * 2)
  for (i in 1:2) {
    expect_array_equal(gradient_of(f)(as_mlx(x)), 6 * x^2)
    expect_array_equal(mlx_vmap(f)(as_mlx(batch)), 2 * batch^3)
    expect_array_equal(mlx_jvp(f, as_mlx(x), as_mlx(x))$jvps[[1L]], 6 * x^3)
    expect_array_equal(mlx_vmap(gradient_of(f))(as_mlx(batch)), 6 * batch^2)
    expect_array_equal(mlx_compile(gradient_of(gradient_of(f)))(as_mlx(x)), 12 * x)
    expect_array_equal(f(as_mlx(x)), 2 * x^3)
  }
})

test_that("an inner gradient may capture arrays of the outer one, and read them on its way", {
  read <- numeric()
  outer <- function(a) {
    scaled <- a * 2
    mlx_eval(scaled)
    inner <- mlx_grad(function(b) {
      read <<- c(read, as.vector(sum(scaled)), as.vector(sum(b)))
      if (as.vector(sum(b)) > 0) sum(scaled * b^2) else sum(b)
    }, a * 3)[[1L]]
    read <<- c(read, as.vector(sum(inner)))
    # inner is 2 * (2 a) * (3 a) = 12 a^2
    sum(inner)
  }
  x <- c(1, 2)
  expect_array_equal(mlx_grad(outer, as_mlx(x))[[1L]], 24 * x)
  expect_equal(read, c(sum(2 * x), sum(3 * x), sum(12 * x^2)))
})

test_that("values read in the middle of a gradient do not change it", {
  f <- function(x) {
    y <- exp(x)
    mlx_eval(y)
    z <- y * x
    as.vector(z)
    print_nothing <- format(z)
    sum(z * y)
  }
  expect_array_equal(mlx_grad(f, as_mlx(x))[[1L]], exp(2 * x) + 2 * x * exp(2 * x), tolerance = 1e-5)
  expect_array_equal(gradient_of(function(x) mlx_grad(f, x)[[1L]])(as_mlx(x)), exp(2 * x) * (4 + 4 * x), tolerance = 1e-5)
})

test_that("gradients take part in further computation as ordinary arrays", {
  w <- as_mlx(x)
  for (i in 1:3) w <- w - 0.1 * mlx_grad(function(w) sum(w^2), w)[[1L]]
  expect_array_equal(w, x * 0.8^3)
  expect_false(.Call(Rmlx:::ffi_is_tracer, w))
})

test_that("vectorising leaves nothing behind that keeps functions from being traced", {
  expect_array_equal(mlx_vmap(function(r) r * 2)(as_mlx(diag(2))), diag(2) * 2)
  n <- 0L
  count <- mlx_compile(function(x) {
    n <<- n + 1L
    x + 1
  })
  for (i in 1:3) expect_array_equal(count(as_mlx(i)), i + 1)
  expect_identical(n, 1L)
})
