# base R's function of this name, or for S4 objects the generic that a package such as Matrix has made of it.
unmasked <- function(name, x) {
  generic <- if (isS4(x)) methods::getGeneric(name, package = "base")
  if (is.null(generic)) get(name, envir = baseenv()) else generic
}

# The arrays that `...` holds, or those of the one plain list in it.
pieces <- function(...) {
  dots <- list(...)
  if (length(dots) == 1L && is.list(dots[[1L]]) && !is.object(dots[[1L]])) dots[[1L]] else dots
}
