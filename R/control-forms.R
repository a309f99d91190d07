# What control flow asks of the values that closures return: predicates, whole numbers, and nested lists of one form.

# Numbers that are no member of a list count as arrays, as in the arguments of transforms.
as_value <- function(x) {
  data <- !is_mlx(x) && (is.numeric(x) || is.logical(x) || is.complex(x) || is.data.frame(x))
  if (data) as_mlx(x) else x
}

# A truth value: TRUE or FALSE, or a `bool` array without axes while values are not known. `what` is told in messages.
as_predicate <- function(x, what, arg, op) {
  if (is.logical(x) && !is_mlx(x) && length(x) == 1L && !is.na(x)) return(as.vector(x))
  if (!is_mlx(x)) {
    stop_mlx("argument", sprintf("%s must be TRUE, FALSE or an mlx array of one element, not %s.", what, told(x)), arg = arg)
  }
  if (length(x) != 1L) {
    stop_mlx("shape", sprintf("%s must have one element; it has shape %s. Use mlx_where() to choose element by element.",
      what, told_shape(x)
    ), arg = arg, op = op, shapes = list(mlx_shape(x)))
  }
  if (.Call(ffi_is_unknown, x)) return(mlx_reshape(mlx_cast(x, "bool"), integer()))
  value <- as.logical(as.vector(x))
  if (is.na(value)) stop_mlx("argument", sprintf("%s is NA or NaN.", what), arg = arg)
  value
}

# A whole number that R can count to.
as_count <- function(x, arg) {
  if (is_mlx(x) && length(x) == 1L) {
    if (.Call(ffi_is_unknown, x)) {
      stop_mlx("trace", paste0(
        "`", arg, "` must be a number or an array whose value is known. Inside mlx_compile() and mlx_vmap() use ",
        "mlx_while_loop() with `max_iterations`, or give the number as an argument that is no array.", where_traced()
      ))
    }
    x <- as.vector(x)
  }
  whole <- is.numeric(x) && !is_mlx(x) && length(x) == 1L && is.finite(x) && x == trunc(x)
  if (!whole || abs(x) > .Machine$integer.max) {
    stop_mlx("argument", sprintf("`%s` must be a whole number, not %s.", arg, told(x)), arg = arg)
  }
  as.integer(x)
}

# How many times something is done.
as_times <- function(x, arg) {
  n <- as_count(x, arg)
  if (n < 0L) stop_mlx("argument", sprintf("`%s` must not be negative; it is %d.", arg, n), arg = arg)
  n
}

# An object in a message.
told <- function(x) {
  if (is_mlx(x)) return(sprintf("an mlx array of shape %s", told_shape(x)))
  if (is.null(x)) return("NULL")
  if (is_tree(x)) return(paste(c(sprintf("a list of %d", length(x)), told_names(x)), collapse = " "))
  if (is.atomic(x) && is.null(attributes(x))) {
    return(if (length(x) == 1L) deparse(x, nlines = 1L) else sprintf("%d values of type %s", length(x), typeof(x)))
  }
  sprintf("an object of class %s", class(x)[[1L]])
}

told_shape <- function(x) sprintf("(%s)", sides(mlx_shape(x)))

told_names <- function(x) if (!is.null(names(x))) sprintf("(%s)", toString(names(x)))

# Where and how the form of two values differs: a text, or NULL where arrays are in the same places, with the same shapes and
# dtypes, and everything else is the same.
form_difference <- function(a, b, path = "") {
  if (is_mlx(a) && is_mlx(b)) {
    return(array_form_difference(a, b, path))
  }
  if (is_tree(a) && is_tree(b) && length(a) == length(b) && identical(names(a), names(b))) {
    for (i in seq_along(a)) {
      name <- names(a)[i]
      step <- if (is.null(name) || is.na(name) || name == "") sprintf("%s[[%d]]", path, i) else paste0(path, "$", name)
      found <- form_difference(a[[i]], b[[i]], step)
      if (!is.null(found)) return(found)
    }
    return(NULL)
  }
  if (!is_mlx(a) && !is_mlx(b) && identical(a, b)) return(NULL)
  constant <- !is_mlx(a) && !is_mlx(b) && !is_tree(a) && !is_tree(b) && !is.null(a) && !is.null(b)
  hint <- if (constant) " (only arrays may differ; as_mlx() makes one of a number)" else ""
  sprintf("%s%s against %s%s", at_path(path), told(a), told(b), hint)
}

array_form_difference <- function(a, b, path) {
  if (!identical(mlx_shape(a), mlx_shape(b))) {
    return(sprintf("%sshape %s against %s", at_path(path), told_shape(a), told_shape(b)))
  }
  if (mlx_dtype(a) != mlx_dtype(b)) sprintf("%sdtype %s against %s", at_path(path), mlx_dtype(a), mlx_dtype(b))
}

at_path <- function(path) if (path == "") "" else paste0(path, ": ")

# Refuses values of different forms; `what` opens the message.
check_form <- function(a, b, what, arg, op) {
  difference <- form_difference(a, b)
  if (!is.null(difference)) stop_mlx("shape", sprintf("%s: %s.", what, difference), arg = arg, op = op)
}

# Nested lists with their arrays replaced by others, in order; the rest stays.
refill <- function(x, arrays) {
  place <- 0L
  fill <- function(x) {
    if (is_mlx(x)) {
      place <<- place + 1L
      return(arrays[[place]])
    }
    if (is_tree(x)) x[] <- lapply(x, fill)
    x
  }
  fill(x)
}

# The arrays of `x` where the truth value holds, else those of `y`, which has the same form.
choose_arrays <- function(test, x, y) {
  choose <- function(a, b) if (identical(a, b)) a else mlx_where(test, a, b)
  refill(x, Map(choose, arrays_of(x), arrays_of(y)))
}

# Evaluates code of which only some may count in the end, so that it cannot assign parameters.
unassigning <- function(code, arg) {
  journaled({
    value <- code
    if (length(the$undo) > 0L) {
      stop_mlx("trace", paste0(
        "`", arg, "` assigns parameters of a module, and whether it should is not known while its function is traced. ",
        "Return the values instead.", where_traced()
      ))
    }
    value
  })
}
