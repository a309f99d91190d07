# What is drawn next.
drawn <- function(n = 3) as.vector(mlx_rand_uniform(n))

# Runs a test with R's generator as it is put back afterwards.
keep_seed <- function(env = parent.frame()) {
  withr::local_preserve_seed(.local_envir = env)
  withr::local_rng_version("4.0.0", .local_envir = env)
}

test_that("mlx_set_seed() makes draws repeatable, and another seed makes others", {
  draws <- function(seed) {
    mlx_set_seed(seed)
    c(as.vector(mlx_rand_normal(5)), drawn(5), as.vector(mlx_key_bits(2)), as.vector(mlx_rand_permutation(5)))
  }
  expect_identical(draws(42), draws(42))
  expect_false(any(draws(42)[1:12] == draws(43)[1:12]))
})

test_that("mlx_set_seed() starts MLX's own sequence of keys", {
  mlx_set_seed(7)
  key <- mlx_key(7)
  for (i in 1:3) {
    split <- mlx_key_split(key)
    key <- split[[1]]
    expect_identical(drawn(), as.vector(mlx_rand_uniform(3, key = split[[2]])))
  }
})

test_that("the same set.seed() gives the same draws, and they go on", {
  keep_seed()
  set.seed(1)
  first <- drawn()
  set.seed(1)
  expect_identical(drawn(), first)
  expect_false(any(drawn() == first))
  set.seed(2)
  expect_false(any(drawn() == first))
})

test_that("numbers that R draws in between do not hinder it", {
  keep_seed()
  for (n in c(1, 5, 624, 1e5)) {
    draw <- function() {
      set.seed(1)
      stats::runif(n)
      first <- drawn()
      stats::runif(n)
      c(first, drawn())
    }
    expect_identical(draw(), draw())
  }
})

test_that("draws never change R's own", {
  keep_seed()
  set.seed(3)
  expected <- stats::rnorm(4)
  set.seed(3)
  drawn()
  found <- stats::rnorm(2)
  drawn()
  expect_identical(c(found, stats::rnorm(2)), expected)
})

test_that("mlx_set_seed() holds while R's generator is used", {
  keep_seed()
  set.seed(1)
  mlx_set_seed(5)
  expected <- drawn(12)
  mlx_set_seed(5)
  expected <- c(drawn(), drawn(), drawn(), drawn())
  set.seed(1)
  mlx_set_seed(5)
  found <- drawn()
  for (n in c(5, 624, 1e5)) {
    stats::runif(n)
    found <- c(found, drawn())
  }
  expect_identical(found, expected)
})

test_that("set.seed() ends mlx_set_seed(), with numbers of R in between too", {
  keep_seed()
  for (n in c(0, 5, 624, 1e5)) {
    draw <- function(seed) {
      set.seed(seed)
      mlx_set_seed(seed)
      set.seed(1)
      stats::runif(n)
      drawn()
    }
    expect_identical(draw(5), draw(6))
  }
})

test_that("a state of R that is put back goes on with its sequence", {
  keep_seed()
  set.seed(1)
  expected <- c(drawn(), drawn(), drawn())
  set.seed(1)
  found <- drawn()
  inner <- withr::with_seed(2, drawn())
  found <- c(found, drawn())
  expect_identical(withr::with_seed(2, drawn()), inner)
  expect_identical(c(found, drawn()), expected)

  mlx_set_seed(4)
  expected <- c(drawn(), drawn())
  mlx_set_seed(4)
  found <- drawn()
  expect_identical(withr::with_seed(2, drawn()), inner)
  expect_identical(c(found, drawn()), expected)
})

test_that("the rules hold for R's other generators", {
  keep_seed()
  for (kind in c("L'Ecuyer-CMRG", "Marsaglia-Multicarry", "Super-Duper", "Wichmann-Hill", "Knuth-TAOCP-2002")) {
    RNGkind("Mersenne-Twister")
    set.seed(1)
    drawn()
    suppressWarnings(RNGkind(kind))
    draw <- function() {
      set.seed(1)
      stats::runif(2)
      drawn()
    }
    expect_identical(draw(), draw(), info = kind)
    mlx_set_seed(5)
    expected <- c(drawn(), drawn())
    mlx_set_seed(5)
    first <- drawn()
    stats::runif(3)
    expect_identical(c(first, drawn()), expected, info = kind)
  }
  RNGkind("L'Ecuyer-CMRG")
  set.seed(1)
  mlx_set_seed(5)
  set.seed(2)
  first <- drawn()
  mlx_set_seed(6)
  set.seed(2)
  expect_identical(drawn(), first)
})

test_that("sessions that seed nothing differ, and those that seed alike agree", {
  # nothing at all, R seeded at once, MLX seeded and R's own seed taken from the clock
  child <- function() {
    run_child({
      show <- function() cat(format(as.vector(mlx_rand_uniform(3)), digits = 10), "\n")
      show()
      set.seed(1)
      show()
      rm(".Random.seed", envir = globalenv())
      mlx_set_seed(1)
      invisible(stats::runif(1))
      show()
    })
  }
  one <- child()
  two <- child()
  expect_false(one[[1]] == two[[1]])
  expect_identical(one[2:3], two[2:3])
  expect_length(unique(one), 3L)
})

test_that("mlx_set_seed() wants one finite number", {
  for (bad in list(NA_real_, NaN, Inf, "a", 1:2, NULL)) {
    expect_error(mlx_set_seed(bad), class = "mlx_error_argument", regexp = "seed must be a single")
  }
  expect_invisible(mlx_set_seed(-3.7))
  expect_snapshot(show_condition(mlx_set_seed(Inf)))
})
