test_that("positive positions pick in any order, with repeats, on every axis", {
  a <- sample_array(c(3L, 4L, 5L), "float32")
  x <- as_mlx(a)
  picks <- list(1, 3:1, c(2, 2, 1), c(1, 3), integer())
  for (i in picks) {
    for (j in picks) {
      for (k in picks) {
        expect_array_equal(x[i, j, k], a[i, j, k, drop = FALSE], dtype = "float32",
          info = paste(toString(i), toString(j), toString(k), sep = " | ")
        )
      }
    }
  }
})

test_that("indexing works for every dtype", {
  for (dtype in all_dtypes()) {
    m <- sample_array(c(4L, 5L), dtype)
    x <- make_mlx(m, dtype)
    stored <- as_stored(m, dtype)
    expect_array_equal(x[c(3, 1), ], stored[c(3, 1), ], dtype = dtype, info = dtype)
    expect_array_equal(x[2:3, 5:2], stored[2:3, 5:2], dtype = dtype, info = dtype)
    expect_array_equal(x[-1, c(TRUE, FALSE, TRUE, TRUE, FALSE)], stored[-1, c(1, 3, 4)], dtype = dtype, info = dtype)
    expect_array_equal(x[c(7, 1)], stored[c(7, 1)], dtype = dtype, info = dtype)
  }
})

test_that("indexing works on views", {
  for (view in views("float32")) {
    n <- nrow(view[[2L]])
    expect_array_equal(view[[1L]][n:1, 2], view[[2L]][n:1, 2, drop = FALSE])
    expect_array_equal(view[[1L]][, c(2, 1)], view[[2L]][, c(2, 1)])
    expect_array_equal(view[[1L]][3:1], view[[2L]][3:1])
  }
})

test_that("axes of length 1 stay, unless drop is TRUE", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  expect_array_equal(x[1, ], m[1, , drop = FALSE])
  expect_array_equal(x[2, 3], m[2, 3, drop = FALSE])
  expect_array_equal(x[1, , drop = TRUE], m[1, ])
  expect_array_equal(x[, 2, drop = TRUE], m[, 2])
  expect_array_equal(x[2, 3, drop = TRUE], m[2, 3], shape = 1L)
  expect_array_equal(x[1:2, 2:3, drop = TRUE], m[1:2, 2:3])
})

test_that("missing indices take whole axes", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  x <- as_mlx(a)
  expect_array_equal(x[, , ], a)
  expect_array_equal(x[, 2, ], a[, 2, , drop = FALSE])
  expect_array_equal(x[], a)
  expect_array_equal(as_mlx(1:3)[], c(1, 2, 3))
})

test_that("fewer indices than axes, but two, leave the last axes whole", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  expect_array_equal(as_mlx(a)[1, 2], a[1, 2, , drop = FALSE])
  expect_array_equal(as_mlx(a)[, 3:2], a[, 3:2, ])
})

test_that("negative positions leave out, also repeated", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  expect_array_equal(x[-1, ], m[-1, ])
  expect_array_equal(x[-c(1, 1, 3), -2], m[-c(1, 3), -2, drop = FALSE])
  expect_array_equal(x[-(1:3), ], m[-(1:3), ], dtype = "float32")
  expect_array_equal(as_mlx(1:5)[-2], c(1, 3, 4, 5))
})

test_that("logical indices are masks of the axis' length, or one value", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  rows <- c(TRUE, FALSE, TRUE)
  expect_array_equal(x[rows, ], m[rows, ])
  expect_array_equal(x[rows, c(4, 1)], m[rows, c(4, 1)])
  expect_array_equal(x[TRUE, ], m)
  expect_array_equal(x[FALSE, ], m[FALSE, ], dtype = "float32")
  expect_error(x[c(TRUE, FALSE), ], class = "mlx_error_index", regexp = "Logical index length must be 1")
})

test_that("an empty index gives an axis without elements, wherever it stands", {
  x <- as_mlx(matrix(1:12, 3))
  expect_array_equal(x[FALSE, 1:2], matrix(0, 0, 2))
  expect_array_equal(x[integer(), ], matrix(0, 0, 4))
  expect_array_equal(x[, integer()], matrix(0, 3, 0))
  expect_array_equal(x[c(2, 1), integer()], matrix(0, 2, 0))
  expect_array_equal(x[integer(), c(2, 1, 1)], matrix(0, 0, 3))
  expect_array_equal(x[integer()], numeric())
  expect_array_equal(x[-integer()], numeric())
})

test_that("arrays without elements can be indexed", {
  x <- as_mlx(matrix(0, 0, 3))
  expect_array_equal(x[, 2], matrix(0, 0, 1))
  expect_array_equal(x[, c(3, 1)], matrix(0, 0, 2))
  expect_error(x[1, ], class = "mlx_error_index", regexp = "out of bounds")
})

test_that("one index takes elements in R's order", {
  for (shape in list(7L, c(3L, 4L), c(2L, 3L, 4L))) {
    a <- sample_array(shape, "float32")
    x <- as_mlx(a)
    for (i in list(1, c(5, 2, 2), 7:1, -1, -(1:3), integer(), a > 0)) {
      expect_array_equal(x[i], a[i], dtype = "float32", shape = length(a[i]), info = toString(shape))
    }
  }
})

test_that("one logical index of one value takes all or nothing", {
  x <- as_mlx(matrix(1:4, 2))
  expect_array_equal(x[TRUE], c(1, 2, 3, 4))
  expect_array_equal(x[FALSE], numeric())
  expect_error(x[c(TRUE, FALSE)], class = "mlx_error_index", regexp = "must be 1 or match the number of elements")
})

test_that("a matrix of coordinates takes one element for each row", {
  a <- sample_array(c(3L, 4L, 2L), "float32")
  m <- a[, , 1]
  expect_array_equal(as_mlx(m)[cbind(c(1, 3, 1), c(2, 3, 2))], m[cbind(c(1, 3, 1), c(2, 3, 2))])
  expect_array_equal(as_mlx(m)[cbind(2, 4)], m[2, 4], shape = 1L)
  expect_array_equal(as_mlx(a)[cbind(c(1, 3), c(4, 1), c(2, 2))], a[cbind(c(1, 3), c(4, 1), c(2, 2))])
  expect_array_equal(as_mlx(m)[matrix(0, 0, 2)], numeric())
  expect_array_equal(as_mlx(1:5)[matrix(c(4, 2))], c(4, 2))
})

test_that("a matrix of coordinates is checked", {
  x <- as_mlx(matrix(1:12, 3))
  expect_error(x[matrix(1, 2, 3)], class = "mlx_error_index", regexp = "one column per dimension")
  expect_error(x[cbind(1, 0)], class = "mlx_error_index", regexp = "Matrix indices must be positive")
  expect_error(x[cbind(-1, 1)], class = "mlx_error_index", regexp = "Matrix indices must be positive")
  expect_error(x[cbind(1, 1.5)], class = "mlx_error_index", regexp = "must be whole numbers")
  expect_error(x[cbind(1, NA)], class = "mlx_error_index", regexp = "Index contains NA values")
  error <- expect_error(x[cbind(1, 5)], class = "mlx_error_index", regexp = "Index out of bounds")
  expect_identical(error[c("axis", "size", "index")], list(axis = 2L, size = 4L, index = 5L))
})

test_that("mlx arrays are indices, bool ones as masks and all others as positions", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  expect_array_equal(x[as_mlx(c(3, 1)), ], m[c(3, 1), ])
  expect_array_equal(x[as_mlx(-1), ], m[-1, ])
  expect_array_equal(x[as_mlx(c(TRUE, FALSE, TRUE)), as_mlx(2L, dtype = "int64")], m[c(1, 3), 2, drop = FALSE])
  expect_array_equal(x[x > 0], m[m > 0])
  expect_array_equal(x[as_mlx(numeric()), ], matrix(0, 0, 4))
  expect_error(x[as_mlx(4), ], class = "mlx_error_index", regexp = "out of bounds")
})

test_that("indices out of range are errors in either direction", {
  x <- as_mlx(matrix(1:6, 2))
  for (bad in list(3, -3, 1e10, -1e10, c(1, 3))) {
    expect_error(x[bad, ], class = "mlx_error_index", regexp = "Index out of bounds")
  }
  expect_error(x[7], class = "mlx_error_index", regexp = "Index out of bounds")
})

test_that("an index out of range is told in the condition's fields", {
  error <- expect_error(as_mlx(matrix(1:6, 2))[1, 9], class = "mlx_error_index")
  expect_identical(error[c("axis", "size", "index")], list(axis = 2L, size = 3L, index = 9L))
})

test_that("zeros, NA, fractions and mixed signs are errors", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(x[0, ], class = "mlx_error_index", regexp = "Index contains zeros")
  expect_error(x[c(0, 1)], class = "mlx_error_index", regexp = "Index contains zeros")
  expect_error(x[NA, ], class = "mlx_error_index", regexp = "Index contains NA values")
  expect_error(x[c(1, NA), ], class = "mlx_error_index", regexp = "Index contains NA values")
  expect_error(x[NaN], class = "mlx_error_index", regexp = "Index contains NA values")
  expect_error(x[1.5, ], class = "mlx_error_index", regexp = "must be whole numbers")
  expect_error(x[c(-1, 1), ], class = "mlx_error_index", regexp = "Cannot mix positive and negative indices")
  expect_error(x[Inf, ], class = "mlx_error_index")
})

test_that("other kinds of index are errors that name the axis", {
  x <- as_mlx(matrix(1:6, 2))
  for (bad in list(list(1), 1i, factor(1), quote(a))) {
    error <- expect_error(x[1, bad], class = "mlx_error_index", regexp = "Unsupported index type")
    expect_identical(error$axis, 2L)
  }
})

test_that("more indices than axes, and any index of a scalar, are errors", {
  expect_error(as_mlx(matrix(1:6, 2))[1, 1, 1], class = "mlx_error_index", regexp = "Incorrect number of indices")
  expect_error(as_mlx(1:3)[1, 1], class = "mlx_error_index", regexp = "Incorrect number of indices")
  expect_error(as_mlx(1)[1], class = "mlx_error_index", regexp = "Cannot subset a scalar")
})

test_that("arrays of four and five axes are indexed", {
  a <- sample_array(c(2L, 3L, 2L, 3L, 2L), "float32")
  expect_array_equal(as_mlx(a)[2:1, , 2, c(3, 1), ], a[2:1, , 2, c(3, 1), , drop = FALSE])
  b <- a[, , , , 1]
  expect_array_equal(as_mlx(b)[, -1, , 3], b[, -1, , 3, drop = FALSE])
})

test_that("the device stays", {
  expect_identical(mlx_device(as_mlx(1:3, device = "cpu")[2:1]), "cpu")
})

test_that("names pick by the names of the axis", {
  m <- matrix(1:12, 3, dimnames = list(c("a", "b", "c"), c("u", "v", "w", "v")))
  x <- as_mlx(m)
  expect_array_equal(x[c("c", "a"), "u"], m[c("c", "a"), "u", drop = FALSE], dtype = "float32")
  expect_array_equal(x[c("b", "b"), -1], m[c("b", "b"), -1], dtype = "float32")
  expect_array_equal(x[, "v"], m[, "v", drop = FALSE], dtype = "float32")
  expect_array_equal(x[cbind(c("a", "c"), c("w", "u"))], m[cbind(c("a", "c"), c("w", "u"))], dtype = "float32")
  expect_array_equal(as_mlx(c(p = 1, q = 2))["q"], 2, shape = 1L)
  error <- expect_error(x[1, "z"], class = "mlx_error_index", regexp = "\"z\" not found on axis 2")
  expect_identical(error$axis, 2L)
  expect_error(x[NA_character_, ], class = "mlx_error_index", regexp = "NA")
  expect_error(as_mlx(matrix(1:4, 2))["a", ], class = "mlx_error_index", regexp = "require dimnames")
})

test_that("names are subset along, by every kind of index", {
  a <- array(1:24, 2:4, dimnames = list(c("a", "b"), NULL, k = letters[1:4]))
  x <- as_mlx(a)
  for (k in list(2, c(4, 1), -1, 4:1, c(TRUE, FALSE, TRUE, FALSE), "b", c(2, 2), TRUE)) {
    expect_identical(dimnames(x[2, , k]), dimnames(a[2, , k, drop = FALSE]), info = deparse(k))
  }
  expect_identical(dimnames(x[, 1, , drop = TRUE]), dimnames(a[, 1, ]))
  expect_null(dimnames(x[x > 3]))
  expect_identical(names(as_mlx(c(a = 1, b = 2, c = 3))[c(3, 1)]), c("c", "a"))
})

test_that("positions that are computed inside a transform pick lazily", {
  m <- matrix(c(3, 1, 2, 9, 8, 7), 3)
  pick <- function(x, i) x[i + 1, ]
  expect_array_equal(mlx_compile(pick)(as_mlx(m), as_mlx(c(1, 0))), m[2:1, ])
  square <- function(x, i) sum(x[i, ]^2)
  grad <- mlx_grad(square, as_mlx(m), as_mlx(c(1, 1)))[[1L]]
  expect_array_equal(grad, rbind(4 * m[1, ], 0, 0))
  expect_error(mlx_compile(function(x) x[x > 0])(as_mlx(m)), class = "mlx_error_trace")
})

test_that("positions outside cannot be read or written in a compiled function", {
  m <- matrix(1:6 + 0, 3)
  read <- mlx_compile(function(x, i) x[i, ])
  for (bad in list(4, 0, -1, NaN, 1e8)) {
    expect_array_equal(read(m, c(bad, 2)), rbind(NaN, m[2, ]), info = paste(bad))
    expect_array_equal(mlx_compile(function(x, i) x[i])(as_mlx(1:3), c(bad, 2)), c(NaN, 2), info = paste(bad))
    write <- mlx_compile(function(x, i) {
      x[i, ] <- 9
      x
    })
    expect_array_equal(write(m, c(bad, 2)), rbind(m[1, ], 9, m[3, ]), info = paste(bad))
    along <- function(x, i) mlx_take_along_axis(x, i, 1)
    expect_array_equal(mlx_compile(along)(m, matrix(c(bad, 2), 1)), matrix(c(NaN, 5), 1), info = paste(bad))
    put <- function(x, i) mlx_put_along_axis(x, i, 9, 1)
    expect_array_equal(mlx_compile(put)(m, matrix(c(bad, 2), 1)), cbind(m[, 1], c(4, 9, 6)), info = paste(bad))
    gather <- mlx_compile(function(x, i, j) mlx_gather(x, list(i, j)))
    expect_array_equal(gather(m, c(bad, 2), c(1, 2)), c(NaN, 5), info = paste(bad))
  }
  expect_error(read(matrix(0, 0, 2), c(1, 2)), class = "mlx_error_index", regexp = "out of bounds")
})

test_that("positions in a gradient are checked as everywhere", {
  m <- matrix(1:6 + 0, 3)
  f <- function(x, i) sum(x[i, ]^2)
  for (bad in list(4, 0, 1.5, 1e8)) {
    expect_error(mlx_grad(f, m, bad, argnums = 1), class = "mlx_error_index")
    along <- function(x, i) sum(mlx_take_along_axis(x, i, 1))
    expect_error(mlx_grad(along, m, matrix(bad, 1, 2), argnums = 1), class = "mlx_error_index")
  }
  expect_array_equal(mlx_grad(f, m, -1, argnums = 1)[[1L]], rbind(0, 2 * m[2:3, ]))
  expect_error(mlx_grad(function(x, i) sum(`[<-`(x, i, , value = 0)), m, c(1, 1), argnums = 1), class = "mlx_error_index")
})

test_that("one name for a matrix is an error that says so", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_error(x["a"], class = "mlx_error_index", regexp = "one axis")
})
