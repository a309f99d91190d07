# Arguments that each function takes; every one of them is replaced by what it does not.
shape_calls <- function() {
  x <- as_mlx(matrix(c(1, 2, 3, 5), 2))
  list(
    mlx_reshape = list(x, c(4, 1)), mlx_flatten = list(x, 1, 2), mlx_unflatten = list(x, 1, 2),
    mlx_contiguous = list(x, "cpu"), mlx_cast = list(x, "int8"), mlx_squeeze = list(x, 1), mlx_expand_dims = list(x, 1),
    mlx_moveaxis = list(x, 1, 2), mlx_swapaxes = list(x, 1, 2), aperm = list(x, c(2, 1), TRUE), row = list(x, FALSE),
    mlx_repeat = list(x, 2, 1), mlx_tile = list(x, c(2, 2)), rep = list(x, 2), mlx_roll = list(x, 1, 1),
    mlx_pad = list(x, 1, 0, "constant", 1), mlx_split = list(x, 2, 1), asplit = list(x, 1, FALSE), mlx_stack = list(x, x),
    abind = list(x, x), rbind = list(x, x), c = list(x, x), mlx_broadcast_to = list(x, c(2, 2), "cpu"),
    mlx_broadcast_arrays = list(x, x), mlx_where = list(x, x, x), mlx_zeros_like = list(x, "int8", "cpu"),
    mlx_eye = list(2, 3, 0, "float32", "cpu"), mlx_tri = list(2, 2, 0, "float32", "cpu"), mlx_tril = list(x, 0),
    mlx_arange = list(1, 3, 1, "float32", "cpu"), mlx_linspace = list(1, 3, 4, "float32", "cpu"),
    mlx_meshgrid = list(1:2, 1:3), diag = list(x, 0, 0, TRUE), mlx_diagonal = list(x, 0, 1, 2),
    mlx_matrix = list(1:4, 2, 2, FALSE, "float32", "cpu", NULL)
  )
}

strange_values <- function() {
  list(
    NULL, list(), list(1), "a", character(), NA, NA_character_, numeric(), NaN, Inf, -Inf, -1, 0, 1e10, -1e10, 2^31, 0.5,
    quote(x), sum, globalenv(), 1i, factor("a"), data.frame(a = 1), TRUE, structure(list(), class = "mlx"),
    structure(list(1), class = "mlx"), as.raw(1), as_mlx(1:3), as_mlx(2L), mlx_zeros(c(2, 2))[FALSE, ], 1:5, c(NA, 1),
    matrix(1:4, 2), as_mlx(c(1i, 2)), as_mlx(TRUE)
  )
}

# Functions of base R that find their method by the first argument.
by_first <- function() c("aperm", "row", "rep", "asplit", "rbind", "c", "diag")

test_that("strange values are errors of this package, or work", {
  bad <- strange_values()
  calls <- shape_calls()
  foreign <- function(name, i, value) {
    args <- calls[[name]]
    args[i] <- list(value)
    result <- tryCatch(suppressWarnings(do.call(name, args, quote = TRUE)), error = identity)
    if (is_mlx(result) && length(result) < 1e6) result <- tryCatch(mlx_eval(result), error = identity)
    unexpected <- !inherits(result, "mlx_error") || inherits(result, c("mlx_error_internal", "mlx_error_backend"))
    inherits(result, "error") && unexpected
  }
  for (name in names(calls)) {
    for (i in setdiff(seq_along(calls[[name]]), if (name %in% by_first()) 1L)) {
      # R itself evaluates a name that do.call() hands to c()
      failed <- Filter(function(value) foreign(name, i, value), Filter(function(value) name != "c" || !is.name(value), bad))
      expect_identical(vapply(failed, function(x) class(x)[[1L]], ""), character(),
        info = sprintf("%s(), argument %d", name, i)
      )
    }
  }
})

test_that("errors blame the call that the user made", {
  x <- mlx_zeros(c(2, 3))
  expect_call(mlx_reshape(x, 5), quote(mlx_reshape(x, 5)))
  expect_call(mlx_pad(x, "a"), quote(mlx_pad(x, "a")))
  expect_call(mlx_split(x), quote(mlx_split(x)))
  expect_call(rbind(x, 1:2), quote(rbind(x, 1:2)))
  expect_call(cbind(1:5, x), quote(cbind(1:5, x)))
  expect_call(mlx_where(x, x, mlx_zeros(4)), quote(mlx_where(x, x, mlx_zeros(4))))
  expect_call(mlx_matrix(1:4, 2, dimnames = 1), quote(mlx_matrix(1:4, 2, dimnames = 1)))
})
