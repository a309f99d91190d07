# Each transform of an operation beside finite differences, an explicit loop or the plain value, in double precision.

arrays_for <- function(entry, args = entry$args) lapply(args, make_mlx, dtype = entry$dtype)

# A direction with an element for each of a shape, the same in each call.
direction <- function(shape, seed) make_mlx(direction_in_r(shape, seed), "float64")

direction_in_r <- function(shape, seed) {
  values <- sin(seed + 1.7 * seq_len(prod(shape))) + 0.1
  if (length(shape)) array(values, shape) else values
}

# The value of an operation as a loss: each element has another weight.
loss_of <- function(f) {
  function(...) {
    value <- f(...)
    sum(value * direction(mlx_shape(value), 1))
  }
}

# Central differences of a function of R arrays; `f` gives a vector of numbers.
along_direction <- function(f, args, tangents, step) {
  moved <- function(by) f(Map(function(x, t) x + by * t, args, tangents))
  (moved(step) - moved(-step)) / (2 * step)
}

numbers_of <- function(entry, f = entry$f) function(args) as.vector(do.call(f, arrays_for(entry, args)))

# A gradient by finite differences: along each unit direction in turn.
gradient_by_differences <- function(f, args, step) {
  zeros <- lapply(args, function(x) x * 0)
  lapply(seq_along(args), function(i) {
    vapply(seq_along(args[[i]]), function(k) {
      zeros[[i]][[k]] <- 1
      along_direction(f, args, zeros, step)
    }, 1)
  })
}

# Fails with the greatest difference, relative to the size of what is expected.
expect_numbers <- function(actual, expected, tolerance, info) {
  difference <- if (length(actual) == length(expected)) max(abs(actual - expected), 0) / (1 + max(abs(expected), 0)) else Inf
  good <- !is.na(difference) && difference <= tolerance
  testthat::expect(good, sprintf("%s: off by %.3g (%d numbers for %d)", info, difference, length(actual), length(expected)))
}

check_grad <- function(name, entry) {
  loss <- loss_of(entry$f)
  grads <- do.call(mlx_grad, c(list(loss), arrays_for(entry)))
  expected <- gradient_by_differences(numbers_of(entry, loss), entry$args, entry$step)
  expect_numbers(unlist(lapply(grads, as.vector)), unlist(expected), entry$tolerance, paste("grad of", name))
}

check_jvp <- function(name, entry, f = entry$f) {
  tangents <- Map(function(x, i) direction_in_r(natural_shape(x), i), entry$args, seq_along(entry$args))
  jvps <- mlx_jvp(f, arrays_for(entry), arrays_for(entry, tangents))$jvps
  expected <- along_direction(numbers_of(entry), entry$args, tangents, entry$step)
  expect_numbers(as.vector(jvps[[1L]]), expected, entry$tolerance, paste("jvp of", name))
}

# The gradient of the gradient along a direction.
check_second_grad <- function(name, entry) {
  loss <- loss_of(entry$f)
  slope <- function(...) {
    grads <- mlx_grad(loss, ...)
    Reduce(`+`, lapply(seq_along(grads), function(i) sum(grads[[i]] * direction(mlx_shape(grads[[i]]), i))))
  }
  arrays <- arrays_for(entry)
  second <- do.call(mlx_grad, c(list(slope), arrays))
  expected <- gradient_by_differences(numbers_of(entry, slope), entry$args, entry$step)
  expect_numbers(unlist(lapply(second, as.vector)), unlist(expected), 10 * entry$tolerance, paste("second grad of", name))
}

check_compile <- function(name, entry) {
  compiled <- mlx_compile(entry$f)
  for (args in list(arrays_for(entry), arrays_for(entry, nudged(entry$args)))) {
    value <- do.call(compiled, args)
    expected <- do.call(entry$f, args)
    expect_identical(mlx_shape(value), mlx_shape(expected), info = name)
    tolerance <- if (mlx_dtype(expected) == "float64") 1e-12 else 1e-6
    expect_numbers(as.vector(value), as.vector(expected), tolerance, paste("compiled", name))
  }
}

# For which arguments, and along which axis, an operation is vectorised.
batchings <- function(n) {
  both <- list(rep(list(1L), n), rep(list(2L), n))
  one <- lapply(seq_len(n), function(i) replace(vector("list", n), i, list(1L)))
  if (n == 1L) both else c(both, one)
}

batch_of <- function(x, axis, dtype) {
  if (is.null(axis)) {
    return(make_mlx(x, dtype))
  }
  parts <- lapply(c(1, 1.0625, 0.96875), function(factor) make_mlx(x * factor, dtype))
  do.call(mlx_stack, c(parts, list(axis = min(axis, length(natural_shape(x)) + 1L))))
}

check_vmap <- function(name, entry, f = entry$f, wanted = f) {
  for (axes in batchings(length(entry$args))) {
    axes <- Map(function(axis, x) if (!is.null(axis)) min(axis, length(natural_shape(x)) + 1L), axes, entry$args)
    actual <- do.call(mlx_vmap(f, in_axes = unname(axes)), Map(batch_of, entry$args, axes, entry$dtype))
    parts <- lapply(c(1, 1.0625, 0.96875), function(factor) {
      do.call(wanted, arrays_for(entry, Map(function(x, axis) if (is.null(axis)) x else x * factor, entry$args, axes)))
    })
    places <- vapply(axes, function(axis) if (is.null(axis)) "-" else as.character(axis), "")
    info <- sprintf("vmap of %s over axes %s", name, toString(places))
    expected <- do.call(mlx_stack, c(parts, list(axis = 1L)))
    expect_identical(mlx_shape(actual), mlx_shape(expected), info = info)
    tolerance <- if (mlx_dtype(expected) == "float64") 1e-10 else 1e-5
    expect_numbers(as.vector(actual), as.vector(expected), tolerance, info)
  }
}
