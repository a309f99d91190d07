# The S4 generic that a package such as Matrix has made of base R's function, for S4 objects; else NULL.
s4_generic <- function(name, x) if (isS4(x)) methods::getGeneric(name, package = "base")

# The arrays that `...` holds, or those of the one plain list in it.
pieces <- function(...) {
  dots <- list(...)
  if (length(dots) == 1L && is.list(dots[[1L]]) && !is.object(dots[[1L]])) dots[[1L]] else dots
}
