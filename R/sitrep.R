#' What this build runs on
#'
#' Says what computes: for bug reports, and to see whether the fast kernels run.
#'
#' @returns A list of class `mlx_sitrep` with strings that [print()] shows line by line: `package`, `mlx` and `R` (versions),
#'   `device` (the session's), `kernels` (of the CPU: for vectors of 256 bits where the package was installed on an x86-64
#'   processor with AVX2, else for any processor), `blas` (the library that multiplies matrices; for OpenBLAS also its version
#'   and the processor that its kernels are for, see Details), `compiler` (what builds the kernels of compiled functions on
#'   the CPU) and `memory` (see [mlx_get_active_memory()]).
#' @details OpenBLAS chooses its kernels by the model of the processor, and takes slower ones for a model that it does not
#'   know. Where the processor has AVX-512 and OpenBLAS has chosen kernels for AVX2, loading this package lets it take those
#'   for SkylakeX, for base R too. With the environment variable `OPENBLAS_CORETYPE` set (to `Haswell`, say) before R starts,
#'   that choice stays.
#' @examples
#' mlx_sitrep()
#' @export
mlx_sitrep <- function() {
  build <- .Call(ffi_sitrep)
  compiler <- compiler_version()
  memory <- .Call(ffi_memory)
  structure(list(
    package = as.character(utils::packageVersion("Rmlx")),
    mlx = mlx_version(),
    R = as.character(getRversion()),
    device = mlx_default_device(),
    kernels = if (build$wide) "vectors of 256 bits (x86-64 with AVX2)" else "any processor of this kind",
    blas = build$blas,
    compiler = if (is.null(compiler)) "no g++: compiled functions run unfused" else compiler,
    memory = do.call(sprintf, c(
      "%s in arrays, %s kept for the next ones, limit %s", lapply(memory[c("active", "cache", "limit")], megabytes)
    ))
  ), class = "mlx_sitrep")
}

#' @export
print.mlx_sitrep <- function(x, ...) {
  cat(paste0(format(paste0(names(x), ":")), " ", unlist(x)), sep = "\n")
  invisible(x)
}

megabytes <- function(bytes) sprintf("%.0f MB", bytes / 2^20)
