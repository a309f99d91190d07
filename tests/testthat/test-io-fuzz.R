# Damaged and hostile files: in a child, since a failure would be a crash.

test_that("no .npy or .npz file does harm", {
  good <- io_fixtures("npy")
  expect_survives(good[c("numpy float32", "numpy bool", "fortran", "version 2")], ".npy", function(f) mlx_load(f))
  expect_survives(good[c("npz", "npz compressed")], ".npz", function(f) mlx_load(f), most = 400L)
})

test_that("no safetensors file does harm", {
  good <- io_fixtures("safetensors")
  expect_survives(good[c("safetensors float32", "safetensors metadata", "mlx all", "mlx metadata")], ".safetensors",
    function(f) mlx_load_safetensors(f)
  )
})

test_that("no GGUF file does harm", {
  good <- io_fixtures("gguf")
  expect_survives(good[c("mlx", "quantized")], ".gguf", function(f) mlx_load_gguf(f), most = 400L)
})

test_that("no exported function does harm, imported or called", {
  good <- io_fixtures("functions")
  call_it <- function(f) {
    f <- mlx_import_function(f)
    x <- as_mlx(matrix(1:12 / 12, 3))
    w <- as_mlx(matrix(1:20 / 20, 4))
    i <- as_mlx(matrix(0:11, 3), dtype = "int32")
    m <- as_mlx(diag(2))
    attempts <- list(list(m, m), list(x), list(x, w), list(x, i), list(x, x))
    # arguments that do not fit are no fault of the file
    results <- lapply(attempts, function(a) tryCatch(as_values(do.call(f, a)), mlx_error = function(e) NULL))
    invisible(results)
  }
  body(call_it) <- bquote({
    as_values <- function(x) if (is_mlx(x)) as.vector(x) else lapply(x, as.vector)
    .(body(call_it))
  })
  small <- good[c("add", "addmm", "network", "two traces")]
  expect_survives(small, ".mlxfn", call_it, most = 200L)
  large <- good[c("shapes", "indices", "updates", "reductions", "sorting", "unary")]
  expect_survives(large, ".mlxfn", call_it, most = 200L)
})
