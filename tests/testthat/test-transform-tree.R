# Nested lists as arguments and results of every transform.

tree <- function() {
  list(w = as_mlx(c(1, 2, 3)), rest = list(as_mlx(4), "text", NULL, sum), n = 3, layer = list(b = as_mlx(matrix(1:4, 2))))
}

# What must be told about a tree to know that it has the form of another.
form <- function(x) if (is_mlx(x)) mlx_shape(x) else if (is.list(x)) lapply(x, form)

# A loss that uses every part of the tree, constants included.
tree_loss <- function(p) {
  stopifnot(identical(p$rest[[2L]], "text"), is.null(p$rest[[3L]]), identical(p$n, 3))
  p$rest[[4L]](p$w^2) * p$rest[[1L]] * p$n + sum(p$layer$b)
}

expect_tree_gradient <- function(grad) {
  expect_identical(form(grad), form(tree()))
  expect_identical(names(grad), c("w", "rest", "n", "layer"))
  expect_array_equal(grad$w, 2 * c(1, 2, 3) * 4 * 3)
  expect_array_equal(grad$rest[[1L]], 14 * 3)
  expect_identical(grad$rest[2:4], list(NULL, NULL, NULL))
  expect_null(grad$n)
  expect_array_equal(grad$layer$b, matrix(1, 2, 2))
}

test_that("gradients of a tree have its form and names, with NULL for what is no array", {
  expect_tree_gradient(mlx_grad(tree_loss, tree())[[1L]])
  expect_tree_gradient(mlx_grad_fn(tree_loss)(tree()))
  expect_tree_gradient(mlx_value_grad_fn(tree_loss)(p = tree())$grads)
  compiled <- mlx_compile(function(p) mlx_grad(tree_loss, p)[[1L]][c("w", "layer")])
  for (i in 1:2) expect_identical(form(compiled(tree())), form(tree()[c("w", "layer")]))
  expect_tree_gradient(mlx_vjp(tree_loss, list(tree()), list(as_mlx(1)))$vjps[[1L]])
})

test_that("jvps have the form of the outputs", {
  f <- function(p) list(a = p$w * p$n, tag = "kept", b = list(p$layer$b %*% p$layer$b))
  result <- mlx_jvp(f, list(tree()), list(tree()))
  expect_identical(names(result$jvps), c("a", "tag", "b"))
  expect_array_equal(result$jvps$a, 3 * c(1, 2, 3))
  expect_array_equal(result$jvps$b[[1L]], 2 * matrix(1:4, 2) %*% matrix(1:4, 2))
  expect_identical(result$outputs$tag, "kept")
})

test_that("the tree that a function gets is the one that it was given", {
  seen <- NULL
  look <- function(p) {
    seen <<- form(p)
    sum(p$w)
  }
  p <- structure(tree(), note = "an attribute")
  for (run in list(
    function() mlx_grad(look, p), function() mlx_vjp(look, list(p), as_mlx(1)), function() mlx_jvp(look, list(p), list(p)),
    function() mlx_compile(look)(p), function() mlx_custom_vjp(look, function(p, c, o) NULL)(p),
    function() mlx_checkpoint(look)(p), function() mlx_jacobian(look, p)
  )) {
    seen <- NULL
    run()
    expect_identical(seen, form(tree()))
  }
  noted <- NULL
  mlx_grad(function(p) {
    noted <<- attr(p, "note")
    sum(p$w)
  }, p)
  expect_identical(noted, "an attribute")
})

test_that("constants beside arrays pass through every transform", {
  f <- function(x, how, by, none) {
    stopifnot(is.null(none), is.character(how))
    by[[1L]](x) * by$times
  }
  x <- as_mlx(c(1, 2))
  by <- list(exp, times = 2)
  expected <- 2 * exp(c(1, 2))
  expect_array_equal(mlx_compile(f)(x, "text", by, NULL), expected)
  expect_array_equal(mlx_vmap(f)(x, "text", by, NULL), expected)
  expect_array_equal(mlx_custom_function(f)(x, "text", by, NULL), expected)
  expect_array_equal(mlx_checkpoint(f)(x, "text", by, NULL), expected)
  expect_array_equal(mlx_grad(function(...) sum(f(...)), x, "text", by, NULL, argnums = 1)[[1L]], expected)
  expect_array_equal(diag(mlx_jacobian(f, x, "text", by, NULL)), expected)
})

test_that("auxiliary values come back in each form", {
  x <- as_mlx(c(1, 2))
  aux <- function(value) {
    result <- mlx_value_grad(function(x) value(sum(x^2), x), x)
    expect_array_equal(result$value, 5)
    expect_array_equal(result$grads[[1L]], c(2, 4))
    expect_identical(names(result), c("value", "grads", "aux"))
    result$aux
  }
  expect_array_equal(aux(function(loss, x) list(loss, x * 3)), c(3, 6))
  expect_array_equal(aux(function(loss, x) list(loss = loss, aux = x * 3)), c(3, 6))
  named <- aux(function(loss, x) list(loss = loss, hidden = x * 3))
  expect_identical(names(named), "hidden")
  several <- aux(function(loss, x) list(loss, a = x, b = "text", c = NULL, d = list(x + 1)))
  expect_identical(names(several), c("a", "b", "c", "d"))
  expect_identical(several$b, "text")
  expect_null(several$c)
  expect_array_equal(several$d[[1L]], c(2, 3))
  expect_identical(aux(function(loss, x) list(loss, aux = "text")), "text")
  expect_null(aux(function(loss, x) list(loss, NULL)))
  expect_identical(aux(function(loss, x) list(loss)), list())
  expect_identical(names(aux(function(loss, x) list(loss, list(deep = list(x, 1L)))[1:2])), "deep")
})

test_that("auxiliary values are ordinary arrays afterwards, and no part of the gradient", {
  x <- as_mlx(c(1, 2))
  result <- mlx_value_grad(function(x) list(sum(x), x * 100), x)
  expect_array_equal(result$grads[[1L]], c(1, 1))
  expect_false(.Call(Rmlx:::ffi_is_tracer, result))
  expect_array_equal(mlx_grad(function(y) sum(y * result$aux), x)[[1L]], c(100, 200))
  expect_named(mlx_grad(function(x) list(loss = sum(x), aux = x), x, value = TRUE), c("value", "grads", "aux"))
  expect_length(mlx_grad(function(x) list(loss = sum(x), aux = x), x), 1L)
})

test_that("lists returned by compiled, vectorised and custom functions keep names, order and nesting", {
  f <- function(x) list(b = x, a = list(x * 2, inner = list(last = x * 3)))
  x <- as_mlx(c(1, 2))
  for (g in list(mlx_compile(f), mlx_vmap(f), mlx_custom_function(f), mlx_checkpoint(f))) {
    for (i in 1:2) {
      result <- g(x)
      expect_identical(form(result), form(f(x)))
      expect_array_equal(result$a$inner$last, c(3, 6))
    }
  }
})

test_that("empty and unnamed lists, and the same array twice, are trees too", {
  x <- as_mlx(c(1, 2))
  grads <- mlx_grad(function(p) sum(p[[1L]][[1L]] * p[[2L]]), list(list(x), x, list()))[[1L]]
  expect_identical(grads[[3L]], list())
  expect_array_equal(grads[[1L]][[1L]], c(1, 2))
  expect_array_equal(grads[[2L]], c(1, 2))
  expect_array_equal(mlx_vmap(function(p) p[[1L]] + p[[2L]])(list(x, x)), c(2, 4))
  expect_array_equal(mlx_vjp(function(x) list(x, list(), x), list(x), list(x, x))$vjps[[1L]], c(2, 4))
})

test_that("R matrices are arguments of every transform", {
  m <- matrix(as.double(1:4), 2)
  expect_array_equal(mlx_grad(function(x) sum(x^2), m)[[1L]], 2 * m)
  expect_array_equal(mlx_grad_fn(function(x) sum(x^2))(m), 2 * m)
  expect_array_equal(mlx_vjp(function(x) x^2, list(m), list(m))$vjps[[1L]], 2 * m * m)
  expect_array_equal(mlx_jvp(function(x) x^2, m, m)$jvps[[1L]], 2 * m * m)
  expect_array_equal(mlx_vmap(function(x) sum(x))(m), rowSums(m))
  expect_array_equal(mlx_compile(function(x) x * 2)(m), 2 * m)
  expect_array_equal(mlx_checkpoint(function(x) x * 2)(m), 2 * m)
  expect_array_equal(mlx_jacobian(function(x) sum(x^2), m), 2 * m)
  expect_array_equal(mlx_hvp(function(x) sum(x^2), m, m)[[1L]], 2 * m)
})

test_that("what no array can be made of is refused, also data frames, and lists without arrays", {
  frame <- data.frame(a = 1:2)
  for (run in list(
    function(x) mlx_grad(sum, x), function(x) mlx_vjp(sum, x, 1), function(x) mlx_jvp(sum, x, x),
    function(x) mlx_jacobian(sum, x), function(x) mlx_hessian(sum, x), function(x) mlx_hvp(sum, x, x)
  )) {
    for (bad in list(frame, "text", list(), list("text"), list(list(NULL)))) expect_error(run(bad), class = "mlx_error")
  }
  for (run in list(function(x) mlx_vmap(identity)(x), function(x) mlx_compile(identity)(x))) {
    for (bad in list(frame, list(), list("text"), list(list(NULL)))) expect_error(run(bad), class = "mlx_error")
  }
})

test_that("lists nested without end are errors, not crashes", {
  skip_on_cran()
  output <- run_child({
    x <- as_mlx(1)
    deep <- x
    for (i in 1:50000) deep <- list(deep)
    attempts <- list(
      function() mlx_grad(function(l) x, deep), function() mlx_vmap(function(l) x)(deep),
      function() mlx_compile(function(l) x)(deep), function() mlx_compile(function(x) deep)(x),
      function() mlx_vjp(function(l) x, deep, x), function() mlx_jvp(function(l) x, deep, deep),
      function() mlx_grad(function(x) list(x, deep), x), function() mlx_checkpoint(function(x) deep)(x),
      function() mlx_custom_vjp(function(x) x, function(p, c, o) deep)(x), function() mlx_eval(deep),
      function() mlx_vmap(function(x) x, in_axes = deep)(x), function() mlx_vmap(function(x) x, out_axes = deep)(mlx_ones(2)),
      function() mlx_grad(function(x) mlx_custom_vjp(function(x) x, function(p, c, o) deep)(x), x)
    )
    failed <- vapply(attempts, function(run) inherits(tryCatch(run(), error = identity), "error"), NA)
    cat(which(!failed), as.vector(mlx_grad(function(x) x^2, x)[[1]]))
  })
  # custom_vjp() outside a gradient never asks for its rule
  expect_identical(utils::tail(output, 1L), "9 2")
})

test_that("what every array of a deep but finite tree holds takes part", {
  deep <- as_mlx(3)
  for (i in 1:150) deep <- list(deep)
  reach <- function(l) {
    while (!is_mlx(l)) l <- l[[1L]]
    l^2
  }
  expect_array_equal(reach(mlx_grad(reach, deep)[[1L]]), 36)
  expect_array_equal(mlx_compile(reach)(deep), 9)
})
