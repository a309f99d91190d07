# Functions that R code makes of operations beyond those of expressions(): `f` and its arguments, R's own arrays. What they
# give before they are exported is what they must give after.

export_entry <- function(f, ...) list(f = f, args = list(...))

export_table <- function() {
  x <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2)
  a <- matrix(c(3, 0.5, -1, 0.5, 2, 0.5, -1, 0.5, 4), 3)
  cube <- array(seq(-1.1, 1.2, by = 0.1), c(2, 3, 4))
  image <- array(sin(1:96), c(2, 4, 4, 3))
  codes <- matrix(c(1, 2, 2, 1), 2)
  c(
    lapply(c(
      softmax = "mlx_softmax", erf = "mlx_erf",
      logsumexp = "mlx_logsumexp", isnan = "mlx_isnan", isfinite = "mlx_isfinite", degrees = "mlx_degrees",
      pnorm = "mlx_pnorm", dnorm = "mlx_dnorm", logcumsumexp = "mlx_logcumsumexp", argmax = "mlx_argmax",
      argmin = "mlx_argmin", any = "mlx_any", all = "mlx_all", std = "mlx_std", var = "mlx_var", tril = "mlx_tril",
      argsort = "mlx_argsort", sort = "mlx_sort", flatten = "mlx_flatten", diagonal = "mlx_diagonal", norm = "mlx_norm",
      contiguous = "mlx_contiguous", cumsum = "mlx_cumsum", qnorm = "mlx_qnorm", nan_to_num = "mlx_nan_to_num",
      zeros_like = "mlx_zeros_like", identity = "identity"
    ), function(name) export_entry(get(name), x)),
    lapply(c(
      cholesky = "chol", inverse = "solve", tri_inv = "mlx_tri_inv", trace = "mlx_trace", pinv = "pinv",
      eigvalsh = "mlx_eigvalsh", diag = "diag"
    ), function(name) export_entry(function(a) get(name)(a), a)),
    lapply(c(sigmoid = "mlx_sigmoid", gelu = "mlx_gelu", silu = "mlx_silu"), function(name) {
      export_entry(function(x) mlx_forward(get(name)(), x), x)
    }),
    list(
      qr = export_entry(function(a) unclass(qr(a))[c("Q", "R")], a),
      svd = export_entry(function(a) svd(a)$d, a),
      eigh = export_entry(function(a) abs(mlx_eigh(a)$vectors), a),
      determinant = export_entry(function(x) mlx_cross(x[, 1:3], x[, 3:1]), cube[, , 1]),
      kron = export_entry(function(x, a) kronecker(x, a), x, a),
      fft = export_entry(function(x) fft(x), 1:8),
      `inverse fft` = export_entry(function(x) Re(fft(fft(x), inverse = TRUE)), 1:8),
      fft2 = export_entry(function(x) mlx_real(mlx_fft2(x)), x),
      conv1d = export_entry(function(x, w) mlx_conv1d(x, w, stride = 2, padding = 1), cube, array(cos(1:24), c(3, 2, 4))),
      conv2d = export_entry(function(x, w) mlx_conv2d(x, w, padding = 1), image, array(cos(1:54), c(2, 3, 3, 3))),
      `transposed conv2d` = export_entry(
        function(x, w) mlx_conv_transpose2d(x, w, stride = 2), image, array(cos(1:54), c(2, 3, 3, 3))
      ),
      hadamard = export_entry(function(x) mlx_hadamard_transform(x), matrix(1:8, 2)),
      embedding = export_entry(function(i) mlx_forward(fixed_embedding(), i), codes),
      `layer norm` = export_entry(function(x) mlx_forward(mlx_layer_norm(3), x), x),
      linear = export_entry(function(x) x %*% as_mlx(matrix(1:6, 3)) + as_mlx(1:2), x),
      `constants by columns` = export_entry(function(x) x * as_mlx(matrix(1:6, 2)) + t(as_mlx(matrix(1:6, 3))), x),
      `one constant twice` = export_entry(function(x) {
        w <- as_mlx(2)
        x * w + as_mlx(2)
      }, x),
      `cross entropy` = export_entry(function(x, i) mlx_cross_entropy(x, i), x, c(1, 3)),
      bce = export_entry(function(x, y) mlx_binary_cross_entropy(1 / (1 + exp(-x)), y > 0), x, -x),
      assignment = export_entry(function(x) `[<-`(x, 1, , value = 0), x),
      `assignment by positions` = export_entry(function(x) `[<-`(x, cbind(1:2, 3:2), value = c(7, 8)), x),
      `slice update` = export_entry(
        function(x, y) mlx_slice_update(x, y, start = c(1, 2), stop = c(2, 3)), x, matrix(9, 2, 2)
      ),
      `take along an axis` = export_entry(function(x, i) mlx_take_along_axis(x, i, axis = 2), x, matrix(c(1, 3), 2)),
      `put along an axis` = export_entry(function(x, i) mlx_put_along_axis(x, i, 5, axis = 2), x, matrix(c(1, 3), 2)),
      `scatter add` = export_entry(function(x, i) mlx_scatter_add_axis(x, i, 5, axis = 2), x, matrix(c(1, 3), 2)),
      gather = export_entry(function(x) mlx_gather(x, list(c(1, 2), c(2, 3))), x),
      where = export_entry(function(x) mlx_where(x > 0, x, -1), x),
      clip = export_entry(function(x) mlx_clip(x, -1, 1), x),
      pad = export_entry(function(x) mlx_pad(x, list(c(1, 2), c(0, 1))), x),
      roll = export_entry(function(x) mlx_roll(x, 1), x),
      tile = export_entry(function(x) mlx_tile(x, c(2, 3)), x),
      `repeat` = export_entry(function(x) mlx_repeat(x, 2, axis = 1), x),
      bind = export_entry(function(x, y) rbind(x, y, x), x, -x),
      stack = export_entry(function(x, y) mlx_stack(x, y), x, -x),
      split = export_entry(function(x) mlx_split(x, 3, axis = 2), x),
      unflatten = export_entry(function(x) mlx_unflatten(x, 2, c(2, 2)), matrix(1:8, 2)),
      reshape = export_entry(function(x) mlx_reshape(x, c(3, 2)), x),
      moveaxis = export_entry(function(x) mlx_moveaxis(x, 1, 3), cube),
      squeeze = export_entry(function(x) mlx_squeeze(mlx_expand_dims(x, 1)), x),
      meshgrid = export_entry(function(x, y) mlx_meshgrid(x, y), 1:3, 4:5),
      outer = export_entry(function(x, y) outer(x, y), 1:3, 4:5),
      partition = export_entry(function(x) mlx_sort(mlx_topk(x, 2)), x),
      quantile = export_entry(function(x) mlx_quantile(x, 0.3), x),
      argpartition = export_entry(function(x) mlx_argpartition(x, 2), 4:1),
      addmm = export_entry(function(x, a) mlx_addmm(x, x, a, alpha = 2, beta = 0.5), x, a),
      cast = export_entry(function(x) mlx_cast(mlx_cast(x, "int32"), "float16"), x),
      isclose = export_entry(function(x, y) mlx_isclose(x, y), x, x + 1e-9),
      complex = export_entry(function(x) mlx_conjugate(x) * x + mlx_imag(x), c(1 + 2i, -1i)),
      integers = export_entry(function(x) (x %/% 2L + x %% 3L)[2:4], 1:6),
      quantized = export_entry(function(x) packed_product(x), matrix(cos(1:128), 2)),
      dequantized = export_entry(function(x) x %*% do.call(mlx_dequantize, fixed_weight()), matrix(cos(1:64), 2)),
      packing = export_entry(function(x) mlx_quantize(x)$w_q, matrix(cos(1:128), 2)),
      `chosen packed matrices` = export_entry(function(x) chosen_product(x), array(cos(1:256), c(2, 2, 64))),
      `float packed in a format` = export_entry(function(x) {
        w <- mlx_quantize(as_mlx(matrix(sin(1:2048), 32)), 32L, 4L, "mxfp4")
        mlx_quantized_matmul(x, w$w_q, w$scales, group_size = 32L, mode = "mxfp4")
      }, matrix(cos(1:128), 2)),
      gradient = export_entry(function(x) mlx_grad(function(x) sum(exp(x)^2 / (1 + x^2)), x)[[1]], x),
      `gradient of softmax` = export_entry(function(x) mlx_grad(function(x) sum(mlx_softmax(x)^2), x)[[1]], x),
      `gradient of indices` = export_entry(function(x) mlx_grad(function(x) sum(x[c(1, 1, 2), 2]^2), x)[[1]], x),
      compiled = export_entry(mlx_compile(function(x) exp(x) * 2 + 1), x),
      `several results` = export_entry(function(x, y) list(sum = x + y, rest = list(x, list(a = x * y))), x, -x)
    )
  )
}

fixed_weight <- function() stats::setNames(mlx_quantize(as_mlx(matrix(sin(1:2048), 32))), c("w", "scales", "biases"))

packed_product <- function(x) {
  w <- fixed_weight()
  mlx_quantized_matmul(x, w$w, w$scales, w$biases)
}

chosen_product <- function(x) {
  w <- mlx_quantize(as_mlx(array(sin(1:6144), c(3, 32, 64))))
  mlx_gather_qmm(x, w$w_q, w$scales, w$biases, rhs_indices = c(3L, 1L))
}

fixed_embedding <- function() {
  layer <- mlx_embedding(3, 2)
  mlx_param_set_values(mlx_parameters(layer), list(as_mlx(matrix(1:6, 3))))
  layer
}

# What a function returns as a list of arrays without names.
flat_arrays <- function(x) if (is_mlx(x)) list(x) else unlist(lapply(unname(x), flat_arrays), recursive = FALSE)

# Exports a function for these arguments and imports it.
exported <- function(f, args, ..., env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".mlxfn", .local_envir = env)
  do.call(mlx_export_function, c(list(path, f), args, list(...)))
  mlx_import_function(path)
}
