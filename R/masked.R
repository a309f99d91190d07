# Functions of base R that this package turns into generics must not change for anyone else's objects, S4 ones included,
# and mlx arrays must work where Matrix is attached later and masks ours in turn.

#' The function of this name without this package: an S4 generic, where a loaded package such as Matrix has made one of it
#' and an argument has a class; else base R's.
#' @noRd
original <- function(name, classed) {
  generic <- if (classed) methods::getGeneric(name, package = "base")
  if (is.null(generic)) get(name, envir = baseenv()) else generic
}

# Declares the class to S4. The methods stand in an environment of their own, since the functions of these names in this
# package are no S4 generics.
declare_s4 <- function() {
  where <- new.env(parent = asNamespace("methods"))
  assign(".packageName", "Rmlx", where)
  methods::setOldClass("mlx", where = where)
  product <- function(X, Y, FUN = "*", make.dimnames = FALSE, ...) {
    kronecker.mlx(X, Y, FUN, make.dimnames = make.dimnames)
  }
  on_either_side("kronecker", product, where)
  meet <- function(...) meet_matrix(where)
  if (isNamespaceLoaded("Matrix")) meet() else setHook(packageEvent("Matrix", "onLoad"), meet)
}

# Matrix makes S4 generics of some functions of base R, which it exports.
meet_matrix <- function(where) {
  for (name in c("colMeans", "colSums", "rowMeans", "rowSums")) on_first(name, s3_method(name), where)
  on_first("diag", function(x = 1, nrow, ncol, names = TRUE) diag.mlx(x, nrow, names = names), where)
  on_first("chol2inv", function(x, ...) chol2inv.mlx(x, ...), where)
  for (name in c("crossprod", "tcrossprod")) on_either_side(name, s3_method(name), where)
}

s3_method <- function(name) get(paste0(name, ".mlx"), envir = topenv())

on_first <- function(name, method, where) {
  generic <- methods::getGeneric(name, package = "base")
  if (!is.null(generic)) methods::setMethod(generic, "mlx", method, where = where)
}

on_either_side <- function(name, method, where) {
  generic <- methods::getGeneric(name, package = "base")
  if (is.null(generic)) {
    return()
  }
  for (signature in list(c("mlx", "mlx"), c("mlx", "ANY"), c("ANY", "mlx"))) {
    methods::setMethod(generic, signature, method, where = where)
  }
}
