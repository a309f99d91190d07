.onLoad <- function(libname, pkgname) {
  collect <- list(quote(gc(FALSE, FALSE, FALSE)), quote(gc(FALSE, FALSE, TRUE)))
  template <- function(device) structure(list(ptr = NULL, device = device), class = "mlx")
  .Call(ffi_start, raise_failure, signal_warning, collect, list(template("cpu"), template("gpu")))
  declare_s4()
  the$compile <- !nzchar(Sys.getenv("MLX_DISABLE_COMPILE"))
  the$fuse <- TRUE
  the$compiler_checked <- FALSE
}
