# What transforms leave behind: nothing.

# Runs `use(i)` often, and again; the second round must leave MLX's bytes and R's memory where they were.
expect_released <- function(use, n = 200, info = NULL) {
  for (i in 1:20) use(i)
  collect <- function() {
    for (i in 1:2) gc()
    c(mlx_get_active_memory(), sum(gc()[, 2L]))
  }
  before <- collect()
  for (i in seq_len(n)) use(i)
  after <- collect()
  # each round makes arrays of 4,000 bytes; one may be held by R's evaluator
  expect_lte(after[[1L]] - before[[1L]], 8000, label = paste("bytes left by", info))
  expect_lte(after[[2L]] - before[[2L]], 1, label = paste("megabytes of R left by", info))
}

array_of <- function(i) mlx_eval(as_mlx(rep(as.double(i), 1000)))

test_that("1,000 closures that were transformed and dropped leave nothing", {
  skip_on_cran()
  x <- array_of(1)
  rounds <- list(
    compiled = function(i) {
      shift <- array_of(i)
      f <- mlx_compile(function(x, g) x + shift)
      mlx_eval(f(x, function() f))
    },
    differentiated = function(i) {
      shift <- array_of(i)
      mlx_eval(mlx_grad(function(x) sum(mlx_grad(function(x) sum(x^2 * shift), x)[[1L]]), x))
    },
    vectorised = function(i) {
      shift <- array_of(i)
      mlx_eval(mlx_vmap(function(x) sum(x + shift))(x[1:2]))
    },
    custom = function(i) {
      mlx_eval(mlx_grad(function(x) {
        scale <- array_of(i)
        f <- mlx_custom_vjp(function(x) x * scale, function(p, c, o) list(c[[1L]] * scale))
        y <- f(x)
        sum(y)
      }, x))
    },
    checkpointed = function(i) {
      mlx_eval(mlx_grad(function(x) {
        scale <- array_of(i)
        f <- mlx_checkpoint(function(x) x * scale)
        y <- f(x)
        sum(y)
      }, x))
    }
  )
  for (name in names(rounds)) expect_released(rounds[[name]], info = name)
})

test_that("state, failures and escaped arrays leave nothing either", {
  skip_on_cran()
  x <- array_of(1)
  rounds <- list(
    state = function(i) {
      env <- new.env()
      env$total <- array_of(i)
      f <- mlx_compile(function(x) {
        env$total <- env$total + x
        env$total * 2
      }, inputs = env, outputs = env)
      mlx_eval(f(x))
    },
    `failing traces` = function(i) {
      kept <- new.env()
      fail <- function(x) {
        assign("y", x * array_of(i), envir = kept)
        stop("on purpose")
      }
      for (run in list(function() mlx_compile(fail)(x), function() mlx_grad(fail, x), function() mlx_vmap(fail)(x))) {
        tryCatch(run(), error = identity)
      }
    },
    `failing rules` = function(i) {
      tryCatch(mlx_compile(function(x) {
        mlx_grad(function(x) {
          scale <- array_of(i)
          y <- mlx_custom_vjp(function(x) x * scale, function(p, c, o) stop("on purpose"))(x)
          sum(y)
        }, x)[[1L]]
      })(x), error = identity)
    },
    `custom rules in every transform` = function(i) {
      loss <- function(x) {
        scale <- array_of(i)[1:2]
        f <- function(x) x * scale
        y <- mlx_custom_function(f, function(p, c, o) c, function(p, t) t[[1L]], function(i, a) list(i, a))(x)
        sum(y)
      }
      mlx_eval(mlx_jvp(loss, x[1:2], x[1:2]))
      mlx_eval(mlx_compile(function(x) mlx_grad(loss, x)[[1L]])(x[1:2]))
      mlx_eval(mlx_vmap(loss)(mlx_reshape(x, c(500, 2))))
    }
  )
  for (name in names(rounds)) expect_released(rounds[[name]], n = 60, info = name)
})

holds_tracer <- function(params) .Call(Rmlx:::ffi_is_tracer, mlx_param_values(params))

test_that("an error, a jump or an interrupt in the middle of a trace leaves no parameter holding a tracer", {
  model <- mlx_sequential(mlx_linear(3, 2), mlx_batch_norm(2))
  params <- c(mlx_parameters(model), Rmlx:::module_buffers(model))
  before <- lapply(mlx_param_values(params), as.array)
  x <- as_mlx(matrix(c(1, 2, 3, 4, 5, 6), 2))
  ends <- list(
    error = function() stop("on purpose"), interrupt = function() rlang::interrupt(),
    jump = function() invokeRestart("away"), mlx = function() as_mlx(1:2) + as_mlx(1:3)
  )
  runs <- list(
    grad = function(f) mlx_grad(f, x), compile = function(f) mlx_compile(f)(x), vmap = function(f) mlx_vmap(f)(x),
    vjp = function(f) mlx_vjp(f, x, as_mlx(1)), jvp = function(f) mlx_jvp(f, x, x), jacobian = function(f) mlx_jacobian(f, x),
    hessian = function(f) mlx_hessian(f, x), hvp = function(f) mlx_hvp(f, x, x),
    state = function(f) mlx_compile(f, inputs = model, outputs = model)(x),
    nested = function(f) mlx_compile(function(x) mlx_grad(mlx_checkpoint(f), x)[[1L]])(x),
    step = function(f) mlx_train_step(model, function(model, x) f(x), mlx_optimizer_sgd(mlx_parameters(model)), x)
  )
  for (run in names(runs)) {
    for (end in names(ends)) {
      withRestarts(
        tryCatch(
          runs[[run]](function(x) {
            mlx_param_set_values(params, lapply(mlx_param_values(params), function(value) value * sum(x)))
            ends[[end]]()
          }),
          error = identity, interrupt = identity
        ),
        away = function() NULL
      )
      info <- paste(run, end)
      expect_false(holds_tracer(params), info = info)
      after <- lapply(mlx_param_values(params), as.array)
      expect_identical(after, before, info = info)
    }
  }
})

test_that("a signal in the middle of a trace leaves the session and the parameters usable", {
  skip_on_cran()
  skip_on_os("windows")
  output <- run_child({
    model <- mlx_linear(2, 1)
    params <- mlx_parameters(model)
    before <- as.vector(mlx_param_values(params)[[1]])
    x <- as_mlx(diag(2))
    outcomes <- character()
    for (run in list(function(f) mlx_grad(f, x), function(f) mlx_compile(f)(x))) {
      system(sprintf("(sleep 0.5; kill -INT %d) >/dev/null 2>&1 &", Sys.getpid()))
      outcome <- tryCatch(run(function(x) {
        mlx_param_set_values(params[1], list(mlx_param_values(params)[[1]] * sum(x)))
        for (i in 1:2000000) x <- x + 0
        sum(x)
      }), interrupt = function(condition) "interrupted")
      outcomes <- c(outcomes, outcome, identical(as.vector(mlx_param_values(params)[[1]]), before))
    }
    cat(outcomes, as.vector(mlx_grad(function(x) sum(x^2), x)[[1]]))
  })
  expect_identical(utils::tail(output, 1L), "interrupted TRUE interrupted TRUE 2 0 0 2")
})

test_that("functions that transform themselves without end are errors, not crashes", {
  skip_on_cran()
  output <- run_child({
    x <- as_mlx(c(1, 2))
    endless <- list(
      function(f) mlx_grad(f, x), function(f) mlx_vjp(f, x, x), function(f) mlx_jvp(f, x, x), function(f) mlx_compile(f)(x),
      function(f) mlx_vmap(f)(x), function(f) mlx_checkpoint(f)(x), function(f) mlx_custom_vjp(f, function(p, c, o) NULL)(x),
      function(f) mlx_jacobian(f, x), function(f) mlx_hessian(f, x)
    )
    failed <- vapply(endless, function(run) {
      again <- function(...) run(again)
      inherits(tryCatch(again(), error = identity), "error")
    }, NA)
    cat(sum(failed), as.vector(mlx_grad(function(x) sum(x^2), x)[[1]]))
  })
  expect_identical(utils::tail(output, 1L), "9 2 4")
})
