# Differentiable operations beside those of `expressions()`, with arguments away from kinks and ties.

operation <- function(f, ..., dtype = "float64", step = 1e-5, tolerance = 1e-6) {
  list(f = f, args = list(...), dtype = dtype, step = step, tolerance = tolerance)
}

# What is computed in single precision.
single_operation <- function(f, ..., dtype = "float64") operation(f, ..., dtype = dtype, step = 1e-2, tolerance = 5e-3)

normal_values <- function(..., seed = 1L) withr::with_seed(seed, array(stats::rnorm(prod(...)), c(...)))

# The arrays that operations take: no two elements of any are equal, and none is near 0.
operation_inputs <- function() {
  list(
    x = matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2), y = matrix(c(1.5, -0.4, 0.8, 1.1, -2, 0.6), 2),
    p = matrix(c(0.2, 0.35, 0.8, 0.6, 0.45, 0.1), 2), v = c(0.5, -1, 2), cube = normal_values(2, 3, 4)
  )
}

elementwise_operations <- function() {
  i <- operation_inputs()
  list(
    erf = operation(mlx_erf, i$x),
    erfinv = operation(mlx_erfinv, i$p, tolerance = 1e-3, step = 1e-2),
    degrees = operation(mlx_degrees, i$x),
    radians = operation(mlx_radians, i$x),
    clip = operation(function(x) mlx_clip(x, -1, 1), i$x),
    nan_to_num = operation(function(x) mlx_nan_to_num(x) * x, i$x),
    where = operation(function(x, y) mlx_where(x > y, x * y, x - y), i$x, i$y),
    `where with numbers` = operation(function(x) mlx_where(x > 0, x^2, 1), i$x),
    cast = operation(function(x) mlx_cast(mlx_cast(x^2, "float64"), "float64"), i$x),
    `x ^ 0` = operation(function(x) x^0 + x^1 + x^2, i$x),
    `x ^ whole numbers` = operation(function(x) x^matrix(c(2, 0, 1, 3, 2, 4), 2), i$x),
    `clip on one side` = operation(function(x) mlx_clip(x, min = 0), i$x),
    sigmoid = operation(function(x) mlx_forward(mlx_sigmoid(), x), i$x),
    tanh_layer = operation(function(x) mlx_forward(mlx_tanh(), x), i$x),
    silu = operation(function(x) mlx_forward(mlx_silu(), x), i$x),
    gelu = operation(function(x) mlx_forward(mlx_gelu(), x), i$x),
    leaky_relu = operation(function(x) mlx_forward(mlx_leaky_relu(0.1), x), i$x),
    `complex modulus` = single_operation(function(x, y) Mod(x + y * (0 + 1i)), i$x, i$y),
    `complex parts` = single_operation(function(x) Re((x + 1i)^2) * Im(Conj(x * (1 + 2i))), i$x)
  )
}

distribution_operations <- function() {
  i <- operation_inputs()
  positive <- abs(i$x)
  list(
    dnorm = operation(function(x) mlx_dnorm(x, 0.5, 2), i$x),
    `dnorm, log` = operation(function(x) mlx_dnorm(x, 0.5, 2, log = TRUE), i$x),
    pnorm = operation(function(x) mlx_pnorm(x, 0.5, 2), i$x),
    qnorm = operation(function(p) mlx_qnorm(p, 1, 2), i$p),
    dexp = operation(function(x) mlx_dexp(x, 2), positive),
    pexp = operation(function(x) mlx_pexp(x, 2), positive),
    qexp = operation(function(p) mlx_qexp(p, 2), i$p),
    dlnorm = operation(function(x) mlx_dlnorm(x, 0.2, 0.8), positive),
    plnorm = operation(function(x) mlx_plnorm(x, 0.2, 0.8), positive),
    qlnorm = operation(function(p) mlx_qlnorm(p, 0.2, 0.8), i$p),
    dlogis = operation(function(x) mlx_dlogis(x, 0.2, 0.8), i$x),
    plogis = operation(function(x) mlx_plogis(x, 0.2, 0.8), i$x),
    qlogis = operation(function(p) mlx_qlogis(p, 0.2, 0.8), i$p),
    punif = operation(function(p) mlx_punif(p, -1, 2)^2, i$p),
    qunif = operation(function(p) mlx_qunif(p, -1, 2)^2, i$p)
  )
}

reduction_operations <- function() {
  i <- operation_inputs()
  list(
    `prod over an axis` = operation(function(x) mlx_prod(x, axes = 2), i$cube),
    `max over an axis` = operation(function(x) max(x, axes = 2), i$cube),
    `min over an axis` = operation(function(x) min(x, axes = c(1, 3), drop = FALSE), i$cube),
    var = operation(function(x) mlx_var(x), i$x),
    `var over an axis` = operation(function(x) mlx_var(x, axes = 3, ddof = 1), i$cube),
    std = operation(function(x) mlx_std(x, axes = 1), i$cube),
    logsumexp = operation(function(x) mlx_logsumexp(x), i$x),
    `logsumexp over axes` = operation(function(x) mlx_logsumexp(x, axes = c(1, 3)), i$cube),
    softmax = operation(function(x) mlx_softmax(x, axes = 2), i$cube),
    `softmax of all` = operation(function(x) mlx_softmax(x), i$x),
    median = operation(function(x) median(x), i$x),
    quantile = operation(function(x) quantile(x, c(0.1, 0.6, 1)), i$x),
    `quantile over an axis` = operation(function(x) mlx_quantile(x, c(0.3, 0.5), axis = 2), i$cube),
    norm = operation(function(x) mlx_norm(x), i$x),
    `norm over an axis` = operation(function(x) mlx_norm(x, 3, axes = 2), i$cube),
    `nuclear norm` = operation(function(x) mlx_norm(x, "nuc"), i$x, tolerance = 1e-5),
    trace = operation(function(x) mlx_trace(x^2), i$x),
    scale = operation(function(x) scale(x), normal_values(4, 3)),
    `row extremes` = operation(function(x) max(x, axes = 1) * min(x, axes = 1), i$x),
    `cumsum along an axis` = operation(function(x) mlx_cumsum(x^2, axis = 2), i$cube),
    `cumsum, reverse, exclusive` = operation(function(x) mlx_cumsum(x^2, 3, reverse = TRUE, inclusive = FALSE), i$cube),
    `cumprod along an axis` = operation(function(x) mlx_cumprod(x, axis = 2), i$cube),
    `cumprod, reverse` = operation(function(x) mlx_cumprod(x, axis = 3, reverse = TRUE), i$cube),
    `cumprod, exclusive` = operation(function(x) mlx_cumprod(x, axis = 3, inclusive = FALSE), i$cube),
    `cumprod, reverse, exclusive` = operation(function(x) mlx_cumprod(x, 1, reverse = TRUE, inclusive = FALSE), i$cube),
    cummax = operation(function(x) cummax(x), i$x),
    cummin = operation(function(x) cummin(x), i$x),
    logcumsumexp = operation(function(x) mlx_logcumsumexp(x, axis = 2), i$cube),
    `logcumsumexp, reverse` = operation(function(x) mlx_logcumsumexp(x, axis = 1, reverse = TRUE), i$cube),
    `logcumsumexp, exclusive` = operation(function(x) mlx_logcumsumexp(x, 3, inclusive = FALSE)[, , 2:4], i$cube)
  )
}

sorting_operations <- function() {
  i <- operation_inputs()
  list(
    sort = operation(function(x) sort(x), i$v),
    `sort, decreasing` = operation(function(x) sort(x, decreasing = TRUE), i$v),
    `sort along an axis` = operation(function(x) mlx_sort(x, axis = 2), i$cube),
    topk = operation(function(x) mlx_sort(mlx_topk(x, 2, axis = 3), axis = 3), i$cube),
    partition = operation(function(x) mlx_sort(mlx_partition(x, 1, axis = 2), axis = 2), i$cube),
    `elements at argsort` = operation(function(x) mlx_take_along_axis(x^2, mlx_argsort(x, axis = 2), axis = 2), i$cube)
  )
}

indexing_operations <- function() {
  i <- operation_inputs()
  at <- as_mlx(matrix(c(2, 1, 3, 3, 1, 2), 2), dtype = "int32")
  list(
    `x[i, ]` = operation(function(x) x[c(2, 1, 2), ], i$x),
    `x[, mask]` = operation(function(x) x[, c(TRUE, FALSE, TRUE)], i$x),
    `x[mask]` = operation(function(x) x[c(TRUE, FALSE, TRUE, TRUE, FALSE, FALSE)], i$x),
    `x[, , i]` = operation(function(x) x[2, , c(4, 1, 1)], i$cube),
    `x[mlx]` = operation(function(x) x[as_mlx(c(5L, 1L, 5L))], i$x),
    `x[i] <- v` = operation(function(x, v) {
      x[c(1, 4, 6)] <- v
      x * x
    }, i$x, i$v),
    `x[i, ] <- v` = operation(function(x, v) {
      x[2, ] <- v
      x * x
    }, i$x, i$v),
    `x[i, j] <- number` = operation(function(x) {
      x[1:2, 3] <- 4
      x * x
    }, i$x),
    `x[mask] <- v` = operation(function(x, v) {
      x[matrix(c(TRUE, FALSE, FALSE, TRUE, TRUE, FALSE), 2)] <- v
      x * x
    }, i$x, i$v),
    `x[mask] <- number` = operation(function(x) {
      x[c(TRUE, FALSE, FALSE, TRUE, TRUE, FALSE)] <- 3
      x * x
    }, i$x),
    `x[x > 0] <- number` = operation(function(x) {
      x[x > 0] <- 3
      x * x
    }, i$x),
    `x[coordinates] <- v` = operation(function(x, v) {
      x[cbind(c(1, 2, 2), c(3, 1, 2))] <- v
      x * x
    }, i$x, i$v),
    `take along an axis` = operation(function(x) mlx_take_along_axis(x, at, axis = 2), i$x),
    `put along an axis` = operation(function(x, y) mlx_put_along_axis(x^2, at[, 1:2], y, axis = 2), i$x, i$y[, 1:2]),
    `scatter-add along an axis` = operation(function(x, y) mlx_scatter_add_axis(x, at, y, axis = 2)^2, i$x, i$y),
    gather = operation(function(x) mlx_gather(x, list(c(1L, 2L), c(3L, 1L)), axes = 1:2), i$x),
    `slice update` = operation(function(x, y) mlx_slice_update(x, y, c(1, 2), c(2, 3))^2, i$x, i$y[, 1:2]),
    embedding = operation(function(w) {
      layer <- mlx_embedding(2, 3)
      mlx_param_set_values(mlx_parameters(layer), list(w))
      mlx_forward(layer, as_mlx(c(2L, 1L, 2L)))
    }, i$x)
  )
}

shape_operations <- function() {
  i <- operation_inputs()
  list(
    rbind = operation(function(x, y) rbind(x, y, x), i$x, i$y),
    cbind = operation(function(x, y) cbind(x, y), i$x, i$y),
    abind = operation(function(x, y) abind(x, y^2, along = 3), array(i$x, c(2, 3, 1)), array(i$y, c(2, 3, 1))),
    stack = operation(function(x, y) mlx_stack(x, y, axis = 2), i$x, i$y),
    c = operation(function(x, y) c(x, y, 2), i$x, i$y),
    split = operation(function(x) do.call(`*`, unname(mlx_split(x, 2, axis = 3))), i$cube),
    asplit = operation(function(x) asplit(x, 1)[[1]] * asplit(x, 1)[[2]], i$cube),
    `pad, constant` = operation(function(x) mlx_pad(x, list(c(1, 0), c(0, 2)), value = 2)^2, i$x),
    `pad, edge` = operation(function(x) mlx_pad(x, 1, mode = "edge")^2, i$x),
    `pad, reflect` = operation(function(x) mlx_pad(x, 1, mode = "reflect")^2, i$x),
    `pad, symmetric` = operation(function(x) mlx_pad(x, 1, mode = "symmetric")^2, i$x),
    `pad an axis` = operation(function(x) mlx_pad(x, c(1, 2), axes = 2), i$cube),
    repeats = operation(function(x) mlx_repeat(x, 2, axis = 2), i$x),
    rep = operation(function(x) rep(x, times = 2), i$x),
    tile = operation(function(x) mlx_tile(x, c(2, 1)), i$x),
    roll = operation(function(x) mlx_roll(x, 1, axes = 2), i$cube),
    rev = operation(function(x) rev(x), i$v),
    aperm = operation(function(x) aperm(x, c(3, 1, 2)), i$cube),
    moveaxis = operation(function(x) mlx_moveaxis(x, 1, 3), i$cube),
    swapaxes = operation(function(x) mlx_swapaxes(x, 1, 2), i$cube),
    reshape = operation(function(x) mlx_reshape(x, c(4, 6)), i$cube),
    `dim<-` = operation(function(x) {
      dim(x) <- c(6, 4)
      x
    }, i$cube),
    flatten = operation(function(x) mlx_flatten(x, 2, 3), i$cube),
    unflatten = operation(function(x) mlx_unflatten(x, 3, c(2, 2)), i$cube),
    `expand and squeeze` = operation(function(x) mlx_squeeze(mlx_expand_dims(x, 2), 2), i$x),
    broadcast = operation(function(x) mlx_broadcast_to(x, c(2, 3)), i$v),
    contiguous = operation(function(x) mlx_contiguous(t(x)), i$x),
    `diag of a matrix` = operation(function(x) diag(x), i$x),
    `diag of a vector` = operation(function(x) diag(x), i$v),
    `off-diagonal` = operation(function(x) mlx_diagonal(x, 1), i$x),
    tril = operation(function(x) mlx_tril(x), i$x),
    triu = operation(function(x) mlx_triu(x, 1), i$x),
    meshgrid = operation(function(x, v) do.call(`*`, unname(mlx_meshgrid(x, v))), i$v, c(1.5, -0.4))
  )
}

linear_operations <- function() {
  a <- sample_matrix(3)
  b <- sample_matrix(3, 2, seed = 2L)
  s <- sample_definite(3)
  v <- c(0.5, -1, 2)
  list(
    addmm = operation(function(c, a, b) mlx_addmm(c, a, b, alpha = 2, beta = 3), b, a, b),
    kronecker = operation(function(a, b) kronecker(a, b), matrix(c(1, 2, 3, 4), 2), b),
    cross = operation(function(x, y) mlx_cross(x, y), a, sample_matrix(3, seed = 3L)),
    inv = operation(mlx_inv, a),
    `triangular inverse` = operation(mlx_tri_inv, a),
    `solve for a vector` = operation(function(a, v) solve(a, v), a, v),
    `solve stacks` = operation(function(a, b) solve(a, b), aperm(array(c(a, s), c(3, 3, 2)), c(3, 1, 2)),
      normal_values(2, 3, 2)),
    `lower triangular system` = operation(function(a, b) mlx_solve_triangular(a, b), a, b),
    `upper triangular system` = operation(function(a, b) mlx_solve_triangular(a, b, upper = TRUE), a, b),
    backsolve = operation(function(a, b) backsolve(a, b, transpose = TRUE), a, b),
    chol = operation(function(x) chol(x + t(x)), s),
    chol2inv = operation(function(x) chol2inv(x), a),
    cholesky_inv = operation(function(x) mlx_cholesky_inv(x), a),
    `log determinant` = operation(function(x) 2 * sum(log(diag(chol(x + t(x))))), s),
    qr = operation(function(x) qr(x)$Q %*% exp(qr(x)$R / 4), sample_matrix(3, 2)),
    `qr of a wide matrix` = operation(function(x) qr(x)$Q^2 %*% qr(x)$R^2, sample_matrix(2, 3)),
    svd = operation(function(x) {
      f <- svd(x)
      (f$u * exp(f$d / 4)) %*% t(f$v)
    }, a, tolerance = 1e-5),
    `singular values` = operation(function(x) svd(x, 0, 0)$d, b, tolerance = 1e-5),
    eigh = operation(function(x) {
      e <- mlx_eigh(x + t(x))
      (e$vectors * exp(e$values / 20)) %*% t(e$vectors)
    }, s, tolerance = 1e-5),
    eigvalsh = operation(function(x) mlx_eigvalsh(x + t(x)), s, tolerance = 1e-5),
    pinv = operation(function(x) pinv(x), b, tolerance = 1e-5)
  )
}

network_operations <- function() {
  x <- normal_values(4, 3)
  target <- as_mlx(c(2L, 1L, 3L, 3L))
  given <- function(layer, x, values) {
    mlx_param_set_values(mlx_parameters(layer), values)
    mlx_forward(layer, x)
  }
  image <- conv_input(2, seed = 3L)
  signal <- conv_input(1, seed = 3L)
  volume <- list(x = normal_values(1, 3, 2, 2, 1), w = normal_values(2, 2, 1, 2, 1, seed = 2L))
  list(
    linear = operation(function(x, w, b) given(mlx_linear(3, 2), x, list(w, b)), x, normal_values(3, 2), matrix(c(0.5, -1), 1)),
    layer_norm = operation(function(x, w, b) given(mlx_layer_norm(3), x, list(w, b)), x, c(1, 2, 0.5), c(0, 1, 2)),
    batch_norm = operation(function(x, w, b) given(mlx_batch_norm(3), x, list(w, b)), x, c(1, 2, 0.5), c(0, 1, 2)),
    softmax_layer = operation(function(x) mlx_forward(mlx_softmax_layer(), x), x),
    `l1 loss` = operation(function(x, y) mlx_l1_loss(x, y), x, normal_values(4, 3, seed = 5L)),
    `binary cross-entropy` = operation(
      function(p) mlx_binary_cross_entropy(p, make_mlx(c(0, 1, 1), "float64")), c(0.2, 0.7, 0.4)
    ),
    `cross-entropy` = operation(function(x) mlx_cross_entropy(x, target, "none"), x),
    attention = operation(function(q, k, v) mlx_softmax(q %*% t(k) / sqrt(3), axes = 2) %*% v,
      x, normal_values(5, 3, seed = 2L), normal_values(5, 2, seed = 3L)),
    `rms norm` = operation(function(x) x / sqrt(mlx_mean(x^2, axes = 2, drop = FALSE) + 1e-5), x),
    conv1d = single_operation(function(x, w) mlx_conv1d(x, w, stride = 2, padding = 1), signal$x, signal$w, dtype = "float32"),
    `conv1d, dilated, grouped` = single_operation(function(x, w) mlx_conv1d(x, w, dilation = 2, padding = 1, groups = 2),
      signal$x[, , 1:4], signal$w[, , 1:2],
      dtype = "float32"),
    conv2d = single_operation(function(x, w) mlx_conv2d(x, w, padding = 1), image$x[1, , , 1:2, drop = FALSE],
      image$w[1:2, , , 1:2],
      dtype = "float32"),
    conv3d = single_operation(function(x, w) mlx_conv3d(x, w), volume$x, volume$w, dtype = "float32"),
    `transposed conv1d` = single_operation(function(x, w) mlx_conv_transpose1d(x, w, stride = 2), signal$x[, 1:3, 1:2],
      signal$w[1:2, , 1:2],
      dtype = "float32"),
    fft = single_operation(function(x) Re(fft(x)) * 0.5 + Im(fft(x))^2 * 0.1, c(0.5, -1, 2, 0.25)),
    fftn = single_operation(function(x) Re(mlx_fftn(x)) - Im(mlx_fft2(x, inverse = TRUE)), x),
    hadamard = operation(function(x) mlx_hadamard_transform(x^2), normal_values(3, 4)),
    `hadamard of 12` = single_operation(function(x) mlx_hadamard_transform(x^2), normal_values(1, 12), dtype = "float32")
  )
}

operations <- function() {
  smooth <- Filter(function(entry) entry$smooth, expressions())
  known <- lapply(smooth, function(entry) do.call(operation, c(list(entry$f), entry$args)))
  c(
    known, elementwise_operations(), distribution_operations(), reduction_operations(), sorting_operations(),
    indexing_operations(), shape_operations(), linear_operations(), network_operations()
  )
}
