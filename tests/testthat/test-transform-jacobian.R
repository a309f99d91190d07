test_that("Jacobians are those of closed forms", {
  x <- c(1, 2, 3)
  a <- matrix(c(1, -2, 0.5, 3, 2, -1), 2)
  expect_array_equal(mlx_jacobian(function(x) x^2, as_mlx(x)), diag(2 * x))
  expect_array_equal(mlx_jacobian(function(x) as_mlx(a) %*% mlx_reshape(x, c(3, 1)), as_mlx(x)), array(a, c(2, 1, 3)))
  expect_array_equal(mlx_jacobian(function(x) sum(x^3), as_mlx(x)), 3 * x^2)
  expect_array_equal(mlx_jacobian(function(s) s * as_mlx(x), as_mlx(2)), x)
  expect_array_equal(mlx_jacobian(function(x) x^3, as_mlx(2)), 12)
})

test_that("Jacobians of matrices have the axes of the output, then those of the argument", {
  m <- matrix(c(1, 2, 3, 4, 5, 6), 2)
  expected <- array(0, c(3, 2, 2, 3))
  for (i in 1:3) for (j in 1:2) expected[i, j, j, i] <- 1
  expect_array_equal(mlx_jacobian(function(m) t(m), as_mlx(m)), expected)
  expect_array_equal(mlx_jacobian(function(m) sum(m^2), as_mlx(m)), 2 * m)
  v <- c(1, -1, 2)
  expected <- array(0, c(2, 1, 2, 3))
  for (i in 1:2) expected[i, 1, i, ] <- v
  expect_array_equal(mlx_jacobian(function(m) m %*% as_mlx(matrix(v)), as_mlx(m)), expected)
})

test_that("Jacobians agree with finite differences and with rows of mlx_vjp()", {
  x <- c(0.5, -0.2, 1.1)
  f <- function(x) exp(x) * sum(x^2) + sin(x)
  jacobian <- mlx_jacobian(f, as_mlx(x))
  expected <- vapply(1:3, function(k) {
    moved <- function(by) replace(x, k, x[[k]] + by)
    (f(moved(1e-5)) - f(moved(-1e-5))) / 2e-5
  }, numeric(3))
  expect_array_equal(jacobian, expected, tolerance = 1e-4)
  for (i in 1:3) {
    row <- mlx_vjp(f, as_mlx(x), as_mlx(as.double(1:3 == i)))$vjps[[1L]]
    expect_array_equal(row, as.matrix(jacobian)[i, ], tolerance = 1e-5)
  }
})

test_that("argnums picks arguments, and trees of outputs and arguments have trees of Jacobians", {
  x <- c(1, 2)
  y <- 3
  f <- function(x, y) list(a = x * y, b = sum(x))
  result <- mlx_jacobian(f, as_mlx(x), as_mlx(y))
  expect_named(result, c("a", "b"))
  expect_array_equal(result$a, diag(2) * y)
  expect_array_equal(result$b, c(1, 1))
  result <- mlx_jacobian(f, as_mlx(x), as_mlx(y), argnums = 2)
  expect_array_equal(result$a, x)
  expect_array_equal(result$b, 0)
  result <- mlx_jacobian(f, as_mlx(x), as_mlx(y), argnums = c(2, 1))
  expect_array_equal(result$a[[1L]], x)
  expect_array_equal(result$a[[2L]], diag(2) * y)
  tree <- mlx_jacobian(function(p) p$u * p$v[[1L]], list(u = as_mlx(x), v = list(as_mlx(y)), k = "text"))
  expect_named(tree, c("u", "v", "k"))
  expect_array_equal(tree$u, diag(2) * y)
  expect_array_equal(tree$v[[1L]], x)
  expect_null(tree$k)
})

test_that("Hessians are those of closed forms", {
  x <- c(1, 2, -1)
  expect_array_equal(mlx_hessian(function(x) sum(x^3), as_mlx(x)), diag(6 * x))
  q <- matrix(c(2, 1, 0, 1, 3, -1, 0, -1, 1), 3)
  expect_array_equal(mlx_hessian(function(x) sum(outer(x, x) * as_mlx(q)), as_mlx(x)), q + t(q))
  expect_array_equal(mlx_hessian(function(x) x^4, as_mlx(2)), 48)
  expect_array_equal(mlx_hessian(function(x) prod(x), as_mlx(c(2, 3))), matrix(c(0, 1, 1, 0), 2))
  rosenbrock <- function(x) (1 - x[1])^2 + 100 * (x[2] - x[1]^2)^2
  expect_array_equal(mlx_hessian(rosenbrock, as_mlx(c(1, 2))),
    matrix(c(2 - 400 * (2 - 3), -400, -400, 200), 2), tolerance = 1e-5
  )
})

test_that("Hessians of several arguments and of trees are lists of lists", {
  x <- c(1, 2)
  y <- 3
  f <- function(x, y) sum(x^2 * y)
  result <- mlx_hessian(f, as_mlx(x), as_mlx(y), argnums = 1:2)
  expect_array_equal(result[[1L]][[1L]], diag(2) * 2 * y)
  expect_array_equal(result[[1L]][[2L]], 2 * x)
  expect_array_equal(result[[2L]][[1L]], 2 * x)
  expect_array_equal(result[[2L]][[2L]], 0)
  expect_array_equal(mlx_hessian(f, as_mlx(x), as_mlx(y), argnums = 2), 0)
  tree <- mlx_hessian(function(p) sum(p$u^2 * p$v), list(u = as_mlx(x), v = as_mlx(y)))
  expect_array_equal(tree$u$v, 2 * x)
  expect_array_equal(tree$v$u, 2 * x)
})

test_that("mlx_hvp() is the Hessian times the vector", {
  x <- c(1, 2, -1)
  v <- c(0.5, -1, 2)
  f <- function(x) sum(exp(x) * sum(x^2))
  hessian <- as.matrix(mlx_hessian(f, as_mlx(x)))
  expect_array_equal(mlx_hvp(f, as_mlx(x), as_mlx(v))[[1L]], drop(hessian %*% v), tolerance = 1e-5)
  g <- function(a, b) sum(a^2 * b)
  product <- mlx_hvp(g, list(as_mlx(c(1, 2)), as_mlx(3)), list(as_mlx(c(1, 1)), as_mlx(2)))
  expect_array_equal(product[[1L]], 2 * 3 * c(1, 1) + 2 * c(1, 2) * 2)
  expect_array_equal(product[[2L]], sum(2 * c(1, 2)))
  tree <- mlx_hvp(function(p) sum(p$a^3), list(list(a = as_mlx(x))), list(list(a = as_mlx(v))))
  expect_array_equal(tree[[1L]]$a, 6 * x * v)
})

test_that("dtypes are kept, and outputs without elements have no rows", {
  for (dtype in float_dtypes()) {
    x <- make_mlx(c(1, 2), dtype)
    expect_array_equal(mlx_jacobian(function(x) x^2, x), diag(c(2, 4)), dtype = dtype, info = dtype)
    expect_array_equal(mlx_hessian(function(x) sum(x^3), x), diag(c(6, 12)), dtype = dtype, info = dtype)
  }
  none <- as_mlx(numeric())
  expect_array_equal(mlx_jacobian(function(x) x^2, none), matrix(0, 0, 0))
  expect_array_equal(mlx_jacobian(function(x) sum(x^2), none), numeric(), shape = 0L)
  expect_array_equal(mlx_jacobian(function(x) as_mlx(matrix(0, 0, 2)), as_mlx(1:3)), array(0, c(0, 2, 3)))
})

test_that("Jacobians inside other transforms", {
  x <- c(1, 2)
  f <- function(x) x^3
  expect_array_equal(mlx_compile(function(x) mlx_jacobian(f, x))(as_mlx(x)), diag(3 * x^2))
  expect_array_equal(mlx_grad(function(x) sum(mlx_jacobian(f, x)), as_mlx(x))[[1L]], 6 * x)
  expect_array_equal(mlx_vmap(function(x) mlx_jacobian(f, x))(as_mlx(diag(2)))[2, , ], array(diag(c(0, 3)), c(1, 2, 2)))
  expect_array_equal(mlx_jacobian(function(x) diag(mlx_jacobian(f, x)), as_mlx(x)), diag(6 * x))
})

test_that("bad arguments are refused", {
  x <- as_mlx(c(1, 2))
  for (second in list(mlx_jacobian, mlx_hessian)) {
    expect_error(second("f", x), class = "mlx_error_argument")
    for (argnums in list(0, 2, -1, NA, "a", NULL, numeric(), 1.5)) {
      expect_error(second(sum, x, argnums = argnums), class = "mlx_error_argument", regexp = "argnums must be")
    }
    expect_error(second(sum), class = "mlx_error_argument")
    expect_error(second(function(x) 1, x), class = "mlx_error_grad", regexp = "must return")
    expect_error(second(function(x) NULL, x), class = "mlx_error_grad", regexp = "must return")
    expect_error(second(function(x) stop("on purpose"), x), regexp = "^on purpose$")
    expect_error(second(sum, as_mlx(1:2, "int32")), class = "mlx_error_grad", regexp = "int32")
  }
  expect_error(mlx_hessian(function(x) x, x), class = "mlx_error_grad", regexp = "one element")
  expect_error(mlx_hvp(function(x) x, x, x), class = "mlx_error_grad", regexp = "one element")
  expect_error(mlx_hvp(sum, x, as_mlx(1)), class = "mlx_error_shape", regexp = "form of `primals`")
  expect_error(mlx_hvp(sum, x, list(x, x)), class = "mlx_error_shape", regexp = "form of `primals`")
  expect_error(mlx_hvp("f", x, x), class = "mlx_error_argument")
})
