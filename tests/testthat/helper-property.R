# Property tests: random calls beside base R on the same data. A case is list(code, expected, dtype), with `code` an
# expression that runs as it stands. RMLX_PROPERTY_CASES sets the number of cases of each property, RMLX_PROPERTY_SEED the
# first seed.

property_setting <- function(name, default) as.integer(Sys.getenv(paste0("RMLX_PROPERTY_", name), default))

# Runs the cases of one property; each is one expectation. Gives up after a few failures.
check_property <- function(make_case, cases = property_setting("CASES", 100L)) {
  failures <- 0L
  for (seed in property_setting("SEED", 1L) + seq_len(cases) - 1L) {
    case <- seeded(seed, make_case())
    problem <- case_problem(case)
    testthat::expect(is.null(problem), sprintf("seed %d: %s\n%s", seed, problem, in_one_line(case$code)))
    failures <- failures + !is.null(problem)
    if (failures >= 5L) break
  }
}

seeded <- function(seed, code) {
  withr::with_seed(seed, code,
    .rng_kind = "Mersenne-Twister", .rng_normal_kind = "Inversion", .rng_sample_kind = "Rejection"
  )
}

in_one_line <- function(code) paste(trimws(deparse(code, width.cutoff = 500L)), collapse = " ")

# What is wrong with the value of a case, or NULL. `expected` is an R array (plain vectors have one axis), a list of such, or
# the class of a condition.
case_problem <- function(case) {
  value <- tryCatch(eval(case$code, new.env(parent = globalenv())), error = identity)
  if (is.character(case$error)) {
    return(if (!inherits(value, case$error)) sprintf("no %s but a value of class %s", case$error, class(value)[[1L]]))
  }
  if (inherits(value, "error")) {
    return(sprintf("error: %s", conditionMessage(value)))
  }
  problem <- tryCatch(value_problem(value, case), error = function(e) sprintf("error when read: %s", conditionMessage(e)))
  if (length(problem)) problem
}

value_problem <- function(value, case) {
  if (is.null(case$parts)) {
    return(part_problem(value, case$expected, case$dtype, case$names))
  }
  if (!identical(typeof(value), "list") || is_mlx(value) || length(value) != length(case$parts)) {
    return(sprintf("no list of %d parts", length(case$parts)))
  }
  unlist(Map(function(x, expected) part_problem(x, expected, case$dtype, case$names), unclass(value), case$parts))
}

part_problem <- function(x, expected, dtype, names) {
  shape <- shape_of(expected)
  problem <- array_difference(x, expected, dtype, tolerance_of(dtype), shape)
  if (is.null(problem) && !isFALSE(names) && !identical(tidy_names(dimnames(x)), tidy_names(dimnames_of(expected)))) {
    problem <- sprintf("dimnames %s, expected %s", in_one_line(dimnames(x)), in_one_line(dimnames_of(expected)))
  }
  problem
}

# A number is a scalar only where it says so.
shape_of <- function(x) if (inherits(x, "scalar")) integer() else if (is.null(dim(x))) length(x) else dim(x)

dimnames_of <- function(x) if (is.null(dim(x))) if (!is.null(names(x))) list(names(x)) else NULL else dimnames(x)

# Base R has no names of length 0, and MLX no list of absent names.
tidy_names <- function(names) {
  names[lengths(names) == 0L] <- list(NULL)
  if (length(names) && !all(vapply(names, is.null, NA))) unname(names)
}

# ---- random data

pick_one <- function(values) values[[sample.int(length(values), 1L)]]

chance <- function(p) stats::runif(1L) < p

random_shape <- function(rank = sample(1:4, 1L), most = 5L) {
  shape <- sample(0:most, rank, replace = TRUE, prob = c(0.4, rep(1, most)))
  if (prod(shape) > 150) random_shape(rank, most) else shape
}

# Values that every dtype of the kind holds exactly, as does their sum.
random_values <- function(n, dtype) {
  switch(sub("[0-9]+$", "", dtype),
    bool = sample(c(TRUE, FALSE), n, replace = TRUE),
    uint = sample(0:3, n, replace = TRUE),
    complex = complex(real = sample(-3:3, n, replace = TRUE), imaginary = sample(-3:3, n, replace = TRUE)),
    sample(-3:3, n, replace = TRUE)
  )
}

random_names <- function(n) if (n > 0L && chance(0.7)) paste0(sample(letters, n), sample(9L, n, replace = TRUE))

# An R array with all its axes in `dim`; some have names.
random_array <- function(shape = random_shape(), dtype = "float32", named = chance(0.5)) {
  x <- array(as_stored(random_values(prod(shape), dtype), dtype), shape)
  if (!named) {
    return(x)
  }
  names <- lapply(shape, random_names)
  if (!is.null(tidy_names(names))) dimnames(x) <- names
  x
}

random_dtype <- function() pick_one(all_dtypes())

# The values of an array as they are in a dtype without negative numbers.
fit_for <- function(x, dtype) {
  if (startsWith(dtype, "uint")) x[] <- abs(x)
  x
}

# The expression that makes an mlx array of an R array: as it is, or as a view of other storage.
code_for <- function(x, dtype) {
  views <- length(dim(x)) > 1L && chance(0.3)
  data <- if (views) aperm(x) else x
  code <- if (dtype == "float64") {
    bquote(as_mlx(.(data), dtype = "float64", device = "cpu"))
  } else {
    bquote(as_mlx(.(data), dtype = .(dtype)))
  }
  if (views) bquote(t(.(code))) else code
}

# ---- oracles

# NumPy's rule: the trailing axes are aligned, and axes of size one repeat.
stretch <- function(x, shape) {
  from <- c(rep(1L, length(shape) - length(dim(x))), dim(x))
  picks <- Map(function(size, to) if (size == to) seq_len(to) else rep(1L, to), from, shape)
  do.call(`[`, c(list(array(x, from)), picks, drop = FALSE))
}

# Folds some axes by `f`; the others stay, with their names.
fold_axes <- function(x, axes, f, drop) {
  keep <- setdiff(seq_along(dim(x)), axes)
  columns <- matrix(aperm(unname(x), c(axes, keep)), prod(dim(x)[axes]), prod(dim(x)[keep]))
  values <- vapply(seq_len(ncol(columns)), function(j) f(columns[, j]), f(rep(columns[NA_integer_], 2L)))
  to <- if (drop) dim(x)[keep] else replace(dim(x), axes, 1L)
  if (!length(to)) {
    return(structure(values, class = "scalar"))
  }
  names <- dimnames(x)
  if (!is.null(names)) names <- if (drop) names[keep] else replace(names, axes, list(NULL))
  array(values, to, tidy_list(names))
}

# dimnames<- takes no list of NULLs of the wrong kind
tidy_list <- function(names) if (!is.null(tidy_names(names))) names

# Row-major order, in which MLX reads arrays.
by_rows <- function(x) as.vector(if (length(dim(x)) > 1L) aperm(unname(x)) else x)

from_rows <- function(values, shape) if (length(shape) > 1L) aperm(array(values, rev(shape))) else array(values, shape)

# Joins arrays along an axis. The axis has names when any array has, and the others when all arrays agree.
join <- function(parts, along) {
  rest <- setdiff(seq_along(dim(parts[[1L]])), along)
  moved <- lapply(parts, function(x) as.vector(aperm(unname(x), c(rest, along))))
  sizes <- vapply(parts, function(x) dim(x)[[along]], 1L)
  side <- dim(parts[[1L]])
  side[[along]] <- sum(sizes)
  x <- aperm(array(unlist(moved), side[c(rest, along)]), order(c(rest, along)))
  names <- vector("list", length(side))
  all_names <- lapply(parts, function(x) if (is.null(dimnames(x))) vector("list", length(side)) else dimnames(x))
  for (axis in rest) {
    same <- vapply(all_names, function(n) identical(n[[axis]], all_names[[1L]][[axis]]), NA)
    if (all(same)) names[axis] <- all_names[[1L]][axis]
  }
  bound <- lapply(all_names, `[[`, along)
  if (any(lengths(bound) > 0L)) {
    names[[along]] <- unlist(Map(function(n, size) if (is.null(n)) rep(NA_character_, size) else n, bound, sizes))
  }
  dimnames(x) <- tidy_list(names)
  x
}
