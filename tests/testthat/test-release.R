# Arrays are freed as soon as R has dropped them (src/rust/src/release.rs). Here: that this happens, and that nothing is
# freed that anybody still holds, in whatever way R code can hold an object.

# Large enough to be looked at; `used()` gives it to a routine, without which it is none of those that are.
large <- function(value) mlx_full(c(128, 256), value, device = "cpu")
used <- function(x) mlx_eval(x)

# Uses up enough memory for several looks.
press <- function() {
  x <- large(1)
  for (i in 1:70) mlx_eval(x + i)
  invisible(NULL)
}

values <- function(x) unique(as.vector(x))

test_that("a loop's arrays are freed when R drops them, with no collection", {
  output <- run_child({
    x <- mlx_eval(mlx_ones(c(1000, 1000), device = "cpu"))
    collected <- FALSE
    invisible(gc())
    invisible(reg.finalizer(new.env(), function(e) collected <<- TRUE))
    before <- mlx_get_active_memory()
    turn <- function() {
      y <- x + x
      mlx_eval(y)
    }
    for (i in 1:100) turn()
    # with counting alone: the last one
    cat(collected, (mlx_get_active_memory() - before) / 4e6 < 12)
  })
  expect_identical(output, "FALSE TRUE")
})

test_that("arrays that variables, lists, attributes, environments and closures hold stay", {
  x <- used(large(1))
  in_list <- list(a = list(used(large(2))))
  in_attribute <- structure(1, kept = used(large(3)))
  in_environment <- new.env()
  assign("y", used(large(4)), in_environment)
  in_closure <- local({
    y <- used(large(5))
    function() y
  })
  in_default <- function(y = used(large(6))) function() y
  in_default <- in_default()
  invisible(in_default())
  delayedAssign("in_promise", used(large(7)))
  force(in_promise)
  in_call <- call("identity", used(large(8)))
  in_formals <- as.function(list(y = used(large(9)), quote(y)))
  in_names <- with_attribute <- used(large(10))
  attr(with_attribute, "note") <- "a copy that shares the pointer"
  rm(in_names)
  pointer <- unclass(used(large(11)))$ptr
  press()
  press()
  shown <- structure(list(ptr = pointer, device = "cpu"), class = "mlx")
  held <- list(
    x, in_list$a[[1]], attr(in_attribute, "kept"), in_environment$y, in_closure(), in_default(), in_promise, eval(in_call),
    in_formals(), with_attribute, shown
  )
  expect_identical(vapply(held, values, 1), c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
})

# Each code is run by the compiler's interpreter and by the other one.
expect_held <- function(code, value) {
  code <- substitute(code)
  env <- list2env(list(large = large, used = used, press = press), parent = globalenv())
  expect_identical(values(eval(code, new.env(parent = env))), value)
  expect_identical(values(eval(compiler::compile(code, new.env(parent = env)), new.env(parent = env))), value)
  f <- compiler::cmpfun(as.function(list(code), envir = env))
  expect_identical(values(f()), value)
}

test_that("arguments of a call stay while the others are computed", {
  expect_held({
    x <- used(large(1))
    x + {
      x <- NULL
      press()
      used(large(2))
    }
  }, 3)
  expect_held(used(large(1)) * 3 + {
    press()
    1
  }, 4)
  expect_held({
    x <- used(large(1))
    list(x, {
      rm(x)
      press()
    })[[1]]
  }, 1)
  expect_held({
    f <- function(x, y) {
      x
      y
      press()
      x
    }
    x <- used(large(5))
    f(x, rm(x))
  }, 5)
  expect_held(do.call(function(x, y) x + y, list(used(large(1)), {
    press()
    used(large(1))
  })), 2)
  expect_held(Reduce(function(x, y) {
    z <- used(x + y)
    press()
    z
  }, list(used(large(1)), used(large(2)), used(large(3)))), 6)
  expect_held(vapply(list(used(large(1))), function(x) {
    press()
    list(used(x))
  }, list(1))[[1]], 1)
})

test_that("the value of an assignment stays while its target is found", {
  expect_held({
    x <- list(a = list(1))
    at <- function(x) {
      press()
      x
    }
    `at<-` <- function(x, value) {
      press()
      value
    }
    at(x$a)[[1]] <- used(large(1)) + 1
    x$a[[1]]
  }, 2)
  expect_held({
    x <- used(large(1))
    x[{
      rm(x)
      press()
      1
    }, ] <- 1
    x
  }, 1)
  expect_held({
    x <- y <- used(large(1))
    x[1:128, 1:256] <- {
      y <- NULL
      press()
      2
    }
    x
  }, 2)
})

test_that("what a function returns stays while it is left", {
  expect_held({
    f <- function() {
      on.exit(press())
      used(large(1))
    }
    f()
  }, 1)
  expect_held({
    f <- function() {
      on.exit(press())
      return(used(large(1)))
    }
    f()
  }, 1)
  expect_held(tryCatch({
    used(large(1))
  }, finally = press()), 1)
  expect_held(withCallingHandlers({
    x <- used(large(1))
    warning("once")
    x
  }, warning = function(w) {
    press()
    invokeRestart("muffleWarning")
  }), 1)
  expect_held(tryCatch(
    stop(structure(list(message = "", call = NULL, x = used(large(1))), class = c("kept", "error", "condition"))),
    kept = function(e) {
      press()
      e$x
    }
  ), 1)
  expect_held(local({
    x <- used(large(1))
    repeat {
      press()
      break
    }
    switch("b",
      a = NULL,
      b = x
    )
  }), 1)
  expect_held({
    f <- function(n) if (n) f(n - 1) else used(large(1))
    x <- f(100)
    press()
    x
  }, 1)
})

test_that("arrays of functions that are differentiated, compiled or mapped stay", {
  x <- used(large(1))
  loss <- function(x) {
    y <- x * 2
    z <- y + 1
    press()
    sum(y * z)
  }
  # d/dx of 2x (2x + 1)
  expect_identical(values(mlx_grad(loss, x)[[1]]), 10)
  expect_identical(values(mlx_compile(function(x) {
    y <- x * 2
    press()
    y + x
  })(x)), 3)
  expect_identical(values(mlx_checkpoint(function(x) {
    y <- x * 2
    press()
    y
  })(x)), 2)
})

test_that("arrays stay while a finalizer frees others, and when the collector runs at every allocation", {
  expect_held({
    x <- used(large(1))
    leave <- function() reg.finalizer(environment(), function(e) press())
    for (i in 1:3) leave()
    y <- used(x + 1)
    invisible(gc())
    press()
    x + y
  }, 3)
  skip_on_cran()
  expect_held({
    x <- used(large(1))
    for (i in 1:5) {
      y <- used(x + 1)
      invisible(gc())
      x <- used(y * 1)
    }
    x
  }, 6)
})
