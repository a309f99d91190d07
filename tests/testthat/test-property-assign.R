# `x[index] <- value` as one call.
assigning_call <- function(x, dtype, index, value) as.call(c(as.name("[<-"), code_for(x, dtype), index, value = list(value)))

# A value for a region of a shape: a scalar, a full one, or one that is recycled; list(code, r).
random_value <- function(shape, dtype) {
  n <- prod(shape)
  lengths <- Filter(function(k) n %% k == 0, seq_len(max(n, 1L)))
  data <- switch(sample(3L, 1L),
    random_values(1L, dtype),
    array(random_values(n, dtype), shape),
    random_values(pick_one(lengths), dtype)
  )
  if (!length(data)) data <- random_values(1L, dtype)
  own <- if (is.null(dim(data))) array(data, length(data)) else data
  code <- if (chance(0.4)) code_for(own, if (chance(0.5) || dtype %in% c("complex64", "bool")) dtype else "float32") else data
  list(code = code, r = as_stored(as.vector(data), dtype))
}

test_that("assigning with an index for each axis gives what base R gives", {
  check_property(cases = 4L * property_setting("CASES", 100L), make_case = function() {
    dtype <- random_dtype()
    x <- random_array(dtype = dtype)
    index <- random_indices(x, repeats = FALSE)
    value <- random_value(lengths(index$at), dtype)
    list(
      code = assigning_call(x, dtype, index$code, value$code), dtype = dtype,
      expected = do.call(`[<-`, c(list(x), index$at, list(value = value$r)))
    )
  })
})

test_that("assigning with one index for all elements gives what base R gives", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    dtype <- random_dtype()
    x <- random_array(random_shape(sample(2:4, 1L)), dtype)
    index <- random_flat_index(x, repeats = FALSE)
    value <- random_value(length(index$at), dtype)
    expected <- x
    expected[index$at] <- value$r
    list(code = assigning_call(x, dtype, list(index$code), value$code), expected = expected, dtype = dtype)
  })
})

test_that("assigning does not change the array that was copied", {
  check_property(cases = property_setting("CASES", 100L) %/% 2L, make_case = function() {
    x <- random_array()
    index <- random_indices(x, repeats = FALSE)
    write <- as.call(c(quote(`[`), quote(y), index$code))
    code <- bquote({
      x <- .(code_for(x, "float32"))
      y <- x
      .(write) <- 100
      x
    })
    list(code = code, expected = x, dtype = "float32")
  })
})

test_that("positions that repeat or do not fit cannot be assigned to", {
  check_property(function() {
    x <- random_array(sample(1:5, sample(1:4, 1L), replace = TRUE))
    index <- lapply(dim(x), function(n) seq_len(n))
    at <- sample.int(length(index), 1L)
    n <- dim(x)[[at]]
    index[[at]] <- if (chance(0.4)) sample(c(seq_len(n), sample.int(n, 1L))) else bad_index(n)
    list(code = assigning_call(x, "float32", index, 1), error = "mlx_error")
  })
})
