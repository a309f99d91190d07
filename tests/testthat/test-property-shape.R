# The cases of functions that move axes or elements: a call on a random array, and what base R makes of it.
shape_case <- function(make, shape = random_shape(), names = TRUE) {
  dtype <- random_dtype()
  x <- random_array(shape, dtype)
  made <- make(x)
  list(code = as.call(append(made$code, code_for(x, dtype), 1L)), expected = made$expected, dtype = dtype, names = names)
}

same_size_shape <- function(n) {
  if (n == 0L) {
    return(sample(c(0L, sample(0:3, sample(0:2, 1L), replace = TRUE))))
  }
  shape <- integer()
  while (n > 1L && chance(0.7)) {
    side <- pick_one(Filter(function(k) n %% k == 0, seq_len(n)))
    shape <- c(shape, side)
    n <- n %/% side
  }
  c(shape, as.integer(n))
}

# The axis at position `from` goes to position `to`.
moved_axis <- function(rank, from, to) append(seq_len(rank)[-from], from, to - 1L)

test_that("aperm() and t() permute axes and their names", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    shape_case(function(x) {
      perm <- sample.int(length(dim(x)))
      switch(sample(3L, 1L),
        list(code = list(quote(aperm), perm), expected = aperm(x, perm)),
        list(code = list(quote(aperm)), expected = aperm(x)),
        list(code = list(quote(t)), expected = aperm(x))
      )
    })
  })
})

test_that("mlx_moveaxis() and mlx_swapaxes() permute axes", {
  check_property(function() {
    shape_case(function(x) {
      rank <- length(dim(x))
      from <- sample.int(rank, 1L)
      to <- sample.int(rank, 1L)
      swapped <- replace(seq_len(rank), c(from, to), c(to, from))
      if (chance(0.5)) {
        list(code = list(quote(mlx_moveaxis), from, to), expected = aperm(x, moved_axis(rank, from, to)))
      } else {
        list(code = list(quote(mlx_swapaxes), from, to), expected = aperm(x, swapped))
      }
    })
  })
})

test_that("mlx_reshape() and dim<- read and write rows first", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    shape_case(function(x) {
      to <- same_size_shape(length(x))
      code <- if (chance(0.5)) list(quote(mlx_reshape), to) else list(quote(`dim<-`), value = to)
      list(code = code, expected = from_rows(by_rows(x), to))
    })
  })
})

test_that("mlx_flatten() merges neighbouring axes, rows first", {
  check_property(function() {
    shape_case(function(x) {
      range <- sort(sample.int(length(dim(x)), 2L, replace = TRUE))
      to <- c(dim(x)[seq_len(range[[1L]] - 1L)], prod(dim(x)[range[[1L]]:range[[2L]]]), dim(x)[-seq_len(range[[2L]])])
      list(code = list(quote(mlx_flatten), range[[1L]], range[[2L]]), expected = from_rows(by_rows(x), as.integer(to)))
    }, names = FALSE)
  })
})

expanded <- function(x, axis) {
  names <- if (!is.null(dimnames(x))) append(dimnames(x), list(NULL), axis - 1L)
  list(code = list(quote(mlx_expand_dims), axis), expected = array(x, append(dim(x), 1L, axis - 1L), names))
}

test_that("mlx_squeeze(), drop() and mlx_expand_dims() take away and add axes of size one", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    shape <- random_shape()
    shape[stats::runif(length(shape)) < 0.4] <- 1L
    shape_case(shape = shape, function(x) {
      ones <- which(dim(x) == 1L)
      if (chance(0.4)) {
        return(expanded(x, sample.int(length(dim(x)) + 1L, 1L)))
      }
      axes <- if (length(ones) && chance(0.5)) ones[sort(sample.int(length(ones), sample.int(length(ones), 1L)))]
      code <- if (is.null(axes)) list(pick_one(alist(mlx_squeeze, drop))) else list(quote(mlx_squeeze), axes)
      list(code = code, expected = fold_axes(x, if (is.null(axes)) ones else axes, function(v) v[1L], drop = TRUE))
    })
  })
})

test_that("mlx_repeat(), mlx_roll() and mlx_tile() pick elements along axes", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    shape_case(names = FALSE, function(x) {
      axis <- sample.int(length(dim(x)), 1L)
      size <- dim(x)[[axis]]
      count <- sample(1:3, 1L)
      along <- function(at) do.call(`[`, c(list(x), replace(lapply(dim(x), seq_len), axis, list(at)), drop = FALSE))
      shift <- sample(-6:6, 1L)
      rolled <- (seq_len(size) - 1L - shift) %% max(size, 1L) + 1L
      reps <- replace(rep(1L, length(dim(x))), axis, count)
      switch(sample(3L, 1L),
        list(code = list(quote(mlx_repeat), count, axis = axis), expected = along(rep(seq_len(size), each = count))),
        list(code = list(quote(mlx_roll), shift, axes = axis), expected = along(rolled)),
        list(code = list(quote(mlx_tile), reps), expected = along(rep(seq_len(size), count)))
      )
    })
  })
})

test_that("mlx_broadcast_to() stretches axes of size one", {
  check_property(function() {
    shape <- sample(1:4, sample(1:4, 1L), replace = TRUE)
    small <- utils::tail(ifelse(stats::runif(length(shape)) < 0.4, 1L, shape), sample.int(length(shape), 1L))
    shape_case(shape = small, names = FALSE, function(x) {
      list(code = list(quote(mlx_broadcast_to), shape), expected = stretch(x, shape))
    })
  })
})
