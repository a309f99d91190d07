.onLoad <- function(libname, pkgname) {
  collect <- list(quote(gc(FALSE, FALSE, FALSE)), quote(gc(FALSE, FALSE, TRUE)))
  template <- function(device) structure(list(ptr = NULL, device = device), class = "mlx")
  .Call(ffi_start, raise_failure, signal_warning, collect, list(template("cpu"), template("gpu")))
  declare_s4()
  # the directives of NAMESPACE reach the functions of these names in this package only
  for (name in c("rbind", "cbind")) registerS3method(name, "mlx", s3_method(name), envir = baseenv())
  the$fuse <- TRUE
  set_compile_mode(if (nzchar(Sys.getenv("MLX_DISABLE_COMPILE"))) "disabled" else "enabled")
  the$compiler_checked <- FALSE
  start_mode()
}
