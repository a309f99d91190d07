# Pieces that can be joined along an axis: list(parts, dtypes), R arrays and the dtypes of their mlx arrays.
random_pieces <- function(shape, along) {
  dtypes <- replicate(sample(1:4, 1L), random_dtype())
  shared <- dimnames(random_array(shape))
  parts <- lapply(dtypes, function(dtype) {
    x <- random_array(if (along > 0L) replace(shape, along, sample(0:3, 1L)) else shape, dtype)
    if (along > 0L && chance(0.6)) {
      names <- if (is.null(shared)) vector("list", length(shape)) else shared
      names[along] <- list(random_names(dim(x)[[along]]))
      dimnames(x) <- tidy_list(names)
    }
    x
  })
  list(parts = lapply(parts, fit_for, dtype = Reduce(promoted, dtypes)), dtypes = dtypes)
}

# The pieces as code; some stay R arrays, but not the first. Beside float64 R's numbers would be float64 too.
pieces_code <- function(pieces) {
  double <- "float64" %in% pieces$dtypes
  Map(function(x, dtype, k) {
    plain <- k > 1L && dtype == natural_dtype(x) && !double && chance(0.5)
    if (plain) x else code_for(x, dtype)
  }, pieces$parts, pieces$dtypes, seq_along(pieces$parts))
}

test_that("rbind() and cbind() join matrices and their names", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    along <- sample(1:2, 1L)
    pieces <- random_pieces(random_shape(2L), along)
    list(
      code = as.call(c(as.name(c("rbind", "cbind")[[along]]), unname(pieces_code(pieces)))),
      expected = join(pieces$parts, along), dtype = Reduce(promoted, pieces$dtypes)
    )
  })
})

test_that("abind() joins arrays of any rank along any axis", {
  check_property(cases = 2L * property_setting("CASES", 100L), make_case = function() {
    shape <- random_shape(sample(2:4, 1L), most = 3L)
    along <- sample.int(length(shape), 1L)
    pieces <- random_pieces(shape, along)
    code <- unname(pieces_code(pieces))
    if (chance(0.3)) code <- list(as.call(c(quote(list), code)))
    list(
      code = as.call(c(quote(abind), code, along = along)),
      expected = join(pieces$parts, along), dtype = Reduce(promoted, pieces$dtypes)
    )
  })
})

test_that("mlx_stack() joins arrays along a new axis", {
  check_property(function() {
    shape <- random_shape(sample(1:3, 1L))
    pieces <- random_pieces(shape, 0L)
    names <- dimnames(random_array(shape))
    pieces$parts <- lapply(pieces$parts, `dimnames<-`, names)
    axis <- sample.int(length(shape) + 1L, 1L)
    with_axis <- function(x) {
      named <- if (is.null(names)) NULL else append(names, list(NULL), axis - 1L)
      array(x, append(dim(x), 1L, axis - 1L), named)
    }
    list(
      code = as.call(c(quote(mlx_stack), unname(pieces_code(pieces)), axis = axis)),
      expected = join(lapply(pieces$parts, with_axis), axis), dtype = Reduce(promoted, pieces$dtypes)
    )
  })
})

test_that("what mlx_split() takes apart is what base R takes apart", {
  check_property(function() {
    x <- random_array(sample(1:4, sample(1:4, 1L), replace = TRUE))
    axis <- sample.int(length(dim(x)), 1L)
    size <- dim(x)[[axis]]
    cuts <- sort(sample.int(size - 1L, min(size - 1L, 2L)))
    sections <- if (length(cuts) == 2L) cuts else pick_one(Filter(function(k) size %% k == 0, seq_len(size)))
    groups <- if (length(cuts) == 2L) findInterval(seq_len(size), cuts + 1L) else rep(seq_len(sections), each = size / sections)
    parts <- lapply(unname(split(seq_len(size), groups)), function(at) {
      do.call(`[`, c(list(x), replace(lapply(dim(x), seq_len), axis, list(at)), drop = FALSE))
    })
    list(
      code = as.call(list(quote(mlx_split), code_for(x, "float32"), sections = sections, axis = axis)),
      parts = parts, dtype = "float32"
    )
  })
})
