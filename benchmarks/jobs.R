# Whole jobs, written as a good user of each system would: Rmlx beside base R (in double precision), Python's MLX and JAX,
# on the same data, with the same algorithm and number of steps, and results that agree. Each function below gives the data
# and how Rmlx and base R do the job; benchmarks/peers/with_*.py has the others.
source("benchmarks/helpers.R")
source("benchmarks/peers/peers.R")
mlx_default_device("cpu")
set.seed(1)
rounds <- as.integer(Sys.getenv("RMLX_BENCH_ROUNDS", "7"))

normal <- function(rows, columns, sd = 1) matrix(rnorm(rows * columns, sd = sd), rows)
shuffled <- function(n) ((1:n) * 7919) %% 1000 / 1000 # numbers from 0 to 1, faster than runif()

# A network 784-128-10 on 60,000 pictures, batches of 256, one epoch of gradient descent.
mlp <- function(n = 60000L, batch = 256L, rate = 0.02) {
  x <- matrix(runif(n * 784), n)
  data <- list(
    x = x, labels = max.col(x %*% normal(784, 10)) - 1L,
    w1 = normal(784, 128, sqrt(2 / 784)), b1 = numeric(128), w2 = normal(128, 10, sqrt(2 / 128)), b2 = numeric(10),
    batch = batch, rate = rate
  )
  batches <- lapply(seq_len(n %/% batch), function(i) (i - 1L) * batch + seq_len(batch))

  network <- mlx_sequential(mlx_linear(784, 128), mlx_relu(), mlx_linear(128, 10))
  params <- mlx_parameters(network)
  start <- lapply(list(data$w1, matrix(data$b1, 1), data$w2, matrix(data$b2, 1)), as_mlx)
  optimizer <- mlx_optimizer_sgd(params, lr = rate)
  loss <- function(network, x, labels) mlx_cross_entropy(mlx_forward(network, x), labels)
  step <- mlx_compile(function(x, labels) mlx_train_step(network, loss, optimizer, x, labels)$loss,
    inputs = network, outputs = network
  )
  x_mlx <- mlx_eval(as_mlx(x))
  labels_mlx <- mlx_eval(as_mlx(data$labels + 1L))
  rmlx <- function() {
    mlx_param_set_values(params, start)
    for (rows in batches) mlx_eval(list(step(x_mlx[rows, ], labels_mlx[rows]), mlx_param_values(params)))
    mlx_param_values(params)[[1]]
  }

  base <- function() {
    w1 <- data$w1
    b1 <- data$b1
    w2 <- data$w2
    b2 <- data$b2
    for (rows in batches) {
      x <- data$x[rows, ]
      hidden <- pmax(sweep(x %*% w1, 2, b1, "+"), 0)
      scores <- exp(sweep(hidden %*% w2, 2, b2, "+"))
      d_scores <- scores / rowSums(scores)
      picked <- cbind(seq_len(batch), data$labels[rows] + 1L)
      d_scores[picked] <- d_scores[picked] - 1
      d_scores <- d_scores / batch
      d_hidden <- tcrossprod(d_scores, w2) * (hidden > 0)
      w2 <- w2 - rate * crossprod(hidden, d_scores)
      b2 <- b2 - rate * colSums(d_scores)
      w1 <- w1 - rate * crossprod(x, d_hidden)
      b1 <- b1 - rate * colSums(d_hidden)
    }
    w1
  }
  list(data = data, rmlx = rmlx, base = base)
}

# 1e6 observations of 50 variables, 10 steps of gradient descent.
logistic <- function(n = 1e6, p = 50, steps = 10L, rate = 1) {
  x <- matrix(rep_len(rnorm(1e6 + 17), n * p), n)
  y <- as.double(shuffled(n) < plogis(x %*% rnorm(p, sd = 0.3)))
  x_mlx <- mlx_eval(as_mlx(x))
  y_mlx <- mlx_eval(as_mlx(matrix(y)))
  sigmoid <- mlx_sigmoid()
  step <- mlx_compile(function(w) w - rate / n * crossprod(x_mlx, mlx_forward(sigmoid, x_mlx %*% w) - y_mlx))
  rmlx <- function() {
    w <- mlx_zeros(c(p, 1))
    for (i in seq_len(steps)) w <- mlx_eval(step(w))
    w
  }
  base <- function() {
    w <- numeric(p)
    for (i in seq_len(steps)) w <- w - rate / n * crossprod(x, 1 / (1 + exp(-(x %*% w))) - y)
    w
  }
  list(data = list(x = x, y = y, steps = steps, rate = rate), rmlx = rmlx, base = base)
}

# Four blocks of attention and two dense layers, without biases, on 8 texts of 128 tokens.
transformer <- function(batch = 8L, tokens = 128L, width = 256L, heads = 4L, layers = 4L) {
  weights <- function(rows, columns) array(rnorm(layers * rows * columns, sd = sqrt(1 / rows)), c(layers, rows, columns))
  weight <- list(
    qkv = weights(width, 3 * width), out = weights(width, width),
    up = weights(width, 4 * width), down = weights(4 * width, width)
  )
  x <- array(rnorm(batch * tokens * width), c(batch, tokens, width))
  each <- width %/% heads
  third <- function(i) (i - 1) * width + seq_len(width)
  of_layer <- function(layer) lapply(weight, function(w) w[layer, , ])
  w_base <- lapply(seq_len(layers), of_layer)

  w_mlx <- lapply(w_base, lapply, function(w) mlx_eval(as_mlx(w)))
  norm <- function(x) mlx_forward(plain_norm, x)
  plain_norm <- mlx_layer_norm(width)
  gelu <- mlx_gelu()
  attend <- mlx_vmap(mlx_vmap(function(q, k, v) mlx_softmax(tcrossprod(q, k) / sqrt(each), 2) %*% v))
  split_heads <- function(x) aperm(mlx_reshape(x, c(batch, tokens, heads, each)), c(1, 3, 2, 4))
  join_heads <- function(x) mlx_reshape(aperm(x, c(1, 3, 2, 4)), c(batch * tokens, width))
  forward <- mlx_compile(function(x, layers) {
    x <- mlx_reshape(x, c(batch * tokens, width))
    for (w in layers) {
      qkv <- lapply(mlx_split(norm(x) %*% w$qkv, 3, 2), split_heads)
      x <- x + join_heads(do.call(attend, qkv)) %*% w$out
      x <- x + mlx_forward(gelu, norm(x) %*% w$up) %*% w$down
    }
    mlx_reshape(norm(x), c(batch, tokens, width))
  })
  x_mlx <- mlx_eval(as_mlx(x))

  base_norm <- function(x) {
    x <- x - rowMeans(x)
    x / sqrt(rowMeans(x^2) + 1e-5)
  }
  base_gelu <- function(x) 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
  base_attention <- function(qkv) {
    mixed <- matrix(0, batch * tokens, width)
    for (text in seq_len(batch)) {
      rows <- text + batch * (seq_len(tokens) - 1L)
      for (head in seq_len(heads)) {
        columns <- (head - 1L) * each + seq_len(each)
        scores <- exp(tcrossprod(qkv[rows, columns], qkv[rows, width + columns]) / sqrt(each))
        mixed[rows, columns] <- (scores / rowSums(scores)) %*% qkv[rows, 2 * width + columns]
      }
    }
    mixed
  }
  base <- function() {
    dim(x) <- c(batch * tokens, width)
    for (w in w_base) {
      x <- x + base_attention(base_norm(x) %*% w$qkv) %*% w$out
      x <- x + base_gelu(base_norm(x) %*% w$up) %*% w$down
    }
    array(base_norm(x), c(batch, tokens, width))
  }
  list(data = c(list(x = x, heads = heads), weight), rmlx = function() forward(x_mlx, w_mlx), base = base)
}

# 1e5 observations of 100 variables.
least_squares <- function(n = 1e5, p = 100) {
  x <- normal(n, p)
  y <- as.vector(x %*% rnorm(p)) + rnorm(n)
  x_mlx <- mlx_eval(as_mlx(x))
  y_mlx <- mlx_eval(as_mlx(matrix(y)))
  rmlx <- function() {
    factors <- qr(x_mlx)
    mlx_solve_triangular(factors$R, crossprod(factors$Q, y_mlx), upper = TRUE)
  }
  list(data = list(x = x, y = y), rmlx = rmlx, base = function() qr.coef(qr(x, LAPACK = TRUE), y))
}

# 1e5 points in 20 dimensions, 10 clusters, 10 iterations of Lloyd's algorithm, which would go on.
kmeans_job <- function(n = 1e5, p = 20, k = 10L, steps = 10L) {
  x <- normal(k, p, 0.6)[rep_len(seq_len(k), n), ] + normal(n, p)
  start <- x[seq_len(k), ]
  x_mlx <- mlx_eval(as_mlx(x))
  start_mlx <- mlx_eval(as_mlx(start))
  clusters <- mlx_eval(as_mlx(matrix(seq_len(k), 1)))
  step <- mlx_compile(function(centers) {
    distances <- mlx_reshape(rowSums(centers^2), c(1, k)) - 2 * tcrossprod(x_mlx, centers)
    member <- mlx_cast(mlx_argmin(distances, 2, drop = FALSE) == clusters, "float32")
    crossprod(member, x_mlx) / mlx_reshape(colSums(member), c(k, 1))
  })
  rmlx <- function() {
    centers <- start_mlx
    for (i in seq_len(steps)) centers <- mlx_eval(step(centers))
    centers
  }
  # it warns that more iterations would change more
  base <- function() suppressWarnings(kmeans(x, start, iter.max = steps, algorithm = "Lloyd")$centers)
  list(data = list(x = x, start = start, steps = steps), rmlx = rmlx, base = base)
}

jobs <- list(
  "MLP, one epoch" = mlp, "logistic regression" = logistic, "transformer, forward" = transformer,
  "least squares by QR" = least_squares, "k-means" = kmeans_job
)
wanted <- commandArgs(trailingOnly = TRUE)
if (length(wanted) > 0) jobs <- jobs[wanted]

# Rounding decides to which cluster a point goes that lies between two, hence the tolerance.
run_job <- function(what) {
  job <- jobs[[what]]()
  candidates <- list("Rmlx" = job$rmlx, "base R" = job$base)
  with_peers(job$data, function(peers) beside_peers(peers, what, candidates, rounds, tolerance = 5e-3))
}
results <- do.call(rbind, lapply(names(jobs), run_job))

ratio_chart("jobs", results, "Whole jobs")
report("jobs", "Whole jobs",
  peer_lines(), "",
  "Medians in milliseconds; in parentheses the median over rounds of the time divided by Rmlx's in the same round, so that",
  "more than 1 is slower than Rmlx. All in float32 but base R, which computes in double precision. The same data, algorithm",
  "and number of steps; results agree (last column).", "",
  peer_table(results, "ms"), "",
  "![](jobs.png)", "",
  spread_table(results, "ms")
)
