# Expectations of this package: shape first, then dtype, then values.

# The relative and absolute error that results of a dtype may have.
tolerance_of <- function(dtype) {
  switch(dtype, float64 = 1e-13, float32 = , complex64 = 1e-6, float16 = 2e-3, bfloat16 = 1.6e-2, 0)
}

# The shape that as_mlx() gives to an R object.
natural_shape <- function(x) {
  if (!is.null(dim(x))) dim(x) else if (length(x) == 1L) integer() else length(x)
}

natural_dtype <- function(x) {
  if (is.logical(x)) "bool" else if (is.complex(x)) "complex64" else "float32"
}

# Compares an mlx array with the R object that it should be equal to. A number without dim stands for a scalar; give
# `shape` for an array of one axis and one element.
expect_array_equal <- function(x, expected, dtype = natural_dtype(expected), tolerance = tolerance_of(dtype),
                               shape = natural_shape(expected), info = NULL) {
  actual <- testthat::quasi_label(rlang::enquo(x), arg = "x")
  label <- paste(c(actual$lab, info), collapse = ", ")
  problem <- array_difference(actual$val, expected, dtype, tolerance, as.integer(shape))
  testthat::expect(is.null(problem), sprintf("%s: %s", label, problem))
  invisible(actual$val)
}

array_difference <- function(x, expected, dtype, tolerance, shape) {
  if (!is_mlx(x)) {
    return(sprintf("an object of class %s, not an mlx array", class(x)[[1L]]))
  }
  if (!identical(mlx_shape(x), shape)) {
    return(sprintf("shape [%s], expected [%s]", toString(mlx_shape(x)), toString(shape)))
  }
  if (mlx_dtype(x) != dtype) {
    return(sprintf("dtype %s, expected %s", mlx_dtype(x), dtype))
  }
  storage <- switch(dtype, bool = "logical", int32 = "integer", complex64 = "complex", "double")
  values <- as.vector(x)
  if (typeof(values) != storage) {
    return(sprintf("values of type %s, expected %s", typeof(values), storage))
  }
  value_difference(values, as.vector(expected), tolerance)
}

# Real and imaginary parts are compared each for itself; NaN, Inf and -Inf must stand in the same places.
value_difference <- function(x, expected, tolerance) {
  if (is.complex(x) || is.complex(expected)) {
    x <- c(Re(x), Im(x))
    expected <- c(Re(expected), Im(expected))
  }
  x <- as.double(x)
  expected <- as.double(expected)
  close <- ifelse(is.finite(expected), abs(x - expected) <= tolerance * (1 + abs(expected)), x == expected)
  good <- (is.na(x) & is.na(expected)) | (!is.na(x) & !is.na(expected) & close %in% TRUE)
  if (all(good)) {
    return(NULL)
  }
  first <- which(!good)[[1L]]
  sprintf("%d of %d values differ; number %d is %.9g, expected %.9g",
    sum(!good), length(good), first, x[[first]], expected[[first]]
  )
}

# Central finite differences of an R function of R arrays, in double precision.
finite_differences <- function(f, args, i, step = 1e-5) {
  moved <- function(k, by) {
    args[[i]][[k]] <- args[[i]][[k]] + by
    as.double(do.call(f, args))
  }
  grad <- vapply(seq_along(args[[i]]), function(k) (moved(k, step) - moved(k, -step)) / (2 * step), numeric(1))
  dim(grad) <- dim(args[[i]])
  grad
}

# mlx_grad() of `f` beside finite differences of the same closure on R's own arrays (or of `oracle`, where base R has no
# function of that name).
expect_grad_close <- function(f, ..., oracle = f, dtype = "float32", tolerance = 1e-4, info = NULL) {
  args <- list(...)
  arrays <- lapply(args, make_mlx, dtype = dtype)
  grads <- do.call(mlx_grad, c(list(f), arrays))
  for (i in seq_along(args)) {
    expect_array_equal(grads[[i]], finite_differences(oracle, args, i),
      dtype = dtype, tolerance = tolerance, shape = natural_shape(args[[i]]),
      info = paste(c(info, sprintf("argument %d", i)), collapse = ", ")
    )
  }
}

# The call that a condition blames.
expect_call <- function(object, call, class = "mlx_error", info = NULL) {
  condition <- tryCatch(
    {
      force(object)
      NULL
    },
    mlx_error = identity, mlx_warning = identity
  )
  expect_s3_class(condition, class)
  found <- paste(deparse(conditionCall(condition), width.cutoff = 500L), collapse = " ")
  expect_identical(found, paste(deparse(call, width.cutoff = 500L), collapse = " "), info = info)
}

skip_if_no_gpu <- function() {
  testthat::skip_if_not(mlx_has_gpu(), "no GPU")
}

skip_if_gpu <- function() {
  testthat::skip_if(mlx_has_gpu(), "there is a GPU")
}
