indexing_call <- function(x, dtype, index, ...) as.call(c(as.name("["), code_for(x, dtype), index, ...))

# drop = TRUE leaves one axis where all have size one; which names it then has is open.
dropped <- function(x) {
  keep <- which(dim(x) != 1L)
  if (!length(keep)) keep <- 1L
  array(x, dim(x)[keep], tidy_list(dimnames(x)[keep]))
}

test_that("an index for each axis reads what base R reads", {
  check_property(cases = 5L * property_setting("CASES", 100L), make_case = function() {
    dtype <- random_dtype()
    x <- random_array(dtype = dtype)
    index <- random_indices(x)
    expected <- do.call(`[`, c(list(x), index$at, drop = FALSE))
    drop <- chance(0.3)
    list(
      code = indexing_call(x, dtype, index$code, if (drop) list(drop = TRUE)),
      expected = if (drop) dropped(expected) else expected, dtype = dtype, names = !(drop && length(expected) == 1L)
    )
  })
})

test_that("one index for all elements reads what base R reads, without names", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    dtype <- random_dtype()
    x <- random_array(random_shape(sample(2:4, 1L)), dtype)
    index <- random_flat_index(x)
    list(code = indexing_call(x, dtype, list(index$code)), expected = as.vector(x)[index$at], dtype = dtype)
  })
})

test_that("an index of an index reads what base R reads", {
  check_property(function() {
    dtype <- random_dtype()
    x <- random_array(random_shape(3L), dtype)
    first <- random_indices(x)
    y <- do.call(`[`, c(list(x), first$at, drop = FALSE))
    second <- random_indices(y)
    inner <- indexing_call(x, dtype, first$code)
    list(
      code = as.call(c(as.name("["), inner, second$code)),
      expected = do.call(`[`, c(list(y), second$at, drop = FALSE)), dtype = dtype
    )
  })
})

test_that("an index that does not fit is an error", {
  check_property(function() {
    x <- random_array()
    index <- lapply(dim(x), function(n) seq_len(n))
    at <- sample.int(length(index), 1L)
    index[[at]] <- bad_index(dim(x)[[at]])
    list(code = indexing_call(x, "float32", index), error = "mlx_error")
  })
})
