# The names of the first operand that has names and the shape of the result.
joint_names <- function(x, y, shape) {
  for (operand in list(x, y)) {
    if (!is.null(tidy_names(dimnames(operand))) && identical(dim(operand), shape)) {
      return(dimnames(operand))
    }
  }
  NULL
}

# Two shapes that broadcast, and the shape that they give.
random_pair <- function() {
  shape <- random_shape()
  shrunk <- function() {
    part <- ifelse(stats::runif(length(shape)) < 0.3, 1L, shape)
    if (chance(0.3)) utils::tail(part, sample.int(length(part), 1L)) else part
  }
  a <- if (chance(0.4)) shape else shrunk()
  b <- if (chance(0.4)) shape else shrunk()
  rank <- max(length(a), length(b))
  long <- lapply(list(a, b), function(s) c(rep(1L, rank - length(s)), s))
  list(a = a, b = b, result = as.integer(ifelse(long[[1L]] == 1L, long[[2L]], long[[1L]])))
}

# Can base R's result on these dtypes be told apart from an overflow?
is_plain <- function(op, a, b) {
  dtype <- promoted(a, b)
  ordinary <- takes(op, dtype) && !(dtype == "complex64" && op %in% c("/", logical_ops()))
  ordinary && !(op == "-" && startsWith(dtype, "uint")) && !op %in% c("^", "%%", "%/%")
}

test_that("binary operators broadcast as NumPy does, and keep names", {
  check_property(cases = 4L * property_setting("CASES", 100L), make_case = function() {
    dtypes <- c(random_dtype(), random_dtype())
    op <- pick_one(Filter(
      function(op) is_plain(op, dtypes[[1L]], dtypes[[2L]]), c(arithmetic_ops(), comparison_ops(), logical_ops())
    ))
    pair <- random_pair()
    x <- fit_for(random_array(pair$a, dtypes[[1L]]), promoted(dtypes[[1L]], dtypes[[2L]]))
    y <- fit_for(random_array(pair$b, dtypes[[2L]]), promoted(dtypes[[1L]], dtypes[[2L]]))
    expected <- array(base_op(op)(as.vector(stretch(x, pair$result)), as.vector(stretch(y, pair$result))), pair$result)
    dimnames(expected) <- joint_names(x, y, pair$result)
    list(
      code = call(op, code_for(x, dtypes[[1L]]), code_for(y, dtypes[[2L]])),
      expected = expected, dtype = result_dtype(op, dtypes[[1L]], dtypes[[2L]])
    )
  })
})

test_that("shapes that do not broadcast are an error", {
  check_property(function() {
    shape <- sample(2:4, sample(1:3, 1L), replace = TRUE)
    at <- sample.int(length(shape), 1L)
    other <- replace(shape, at, shape[[at]] + 1L)
    x <- code_for(random_array(shape), "float32")
    y <- code_for(random_array(other), "float32")
    list(code = call(pick_one(c("+", "*", "<", "==")), x, y), error = "mlx_error_shape")
  })
})

test_that("unary functions keep shape and names", {
  check_property(function() {
    name <- pick_one(c("abs", "sqrt", "exp", "sin", "-", "!"))
    dtype <- if (name == "!") "bool" else pick_one(c("float32", "float64"))
    x <- random_array(dtype = dtype)
    if (name == "sqrt") x[] <- abs(x)
    list(code = call(name, code_for(x, dtype)), expected = base_op(name)(x), dtype = dtype)
  })
})
