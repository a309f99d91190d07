# One child of dev/fuzz.R: makes the calls of a range, and logs each before and after it is run.
# usage: Rscript dev/fuzz-child.R DEV_FOLDER SITES LOG SEED FROM TO [TARGETS TO LEAVE OUT...]
arguments <- commandArgs(trailingOnly = TRUE)
source(file.path(arguments[[1L]], "fuzz-values.R"))
source(file.path(arguments[[1L]], "fuzz-calls.R"))
suppressPackageStartupMessages(library(Rmlx))
# kernels would be compiled by g++ for seconds each; without it compiled functions run unfused
path <- Sys.getenv("PATH")
Sys.setenv(PATH = tempdir(), RMLX_KERNEL_CACHE = "off")
setwd(tempdir())
options(max.print = 100L, warn = -1L, timeout = 5)
namespace <- asNamespace("Rmlx")
fuzz_log <- file(arguments[[3L]], "a")

note <- function(...) {
  cat(paste(..., sep = "\t"), "\n", sep = "", file = fuzz_log)
  flush(fuzz_log)
}

# Lines of messages or code as one line of plain text; the byte 1 stands for the ends of lines.
plain <- function(text) {
  line <- paste(iconv(text, "", "ASCII", sub = "byte"), collapse = "\001")
  gsub("[\t\r]", " ", gsub("\n", "\001", line))
}

# Computes all arrays in a value, and checks that they are what they say.
compute <- function(value) {
  if (inherits(value, "mlx")) {
    check_array(value)
  } else if (is.list(value) && !is.data.frame(value)) {
    for (part in unclass(value)) compute(part)
  }
}

check_array <- function(x) {
  shape <- mlx_shape(x)
  if (prod(shape) > 1e6) {
    return(invisible())
  }
  values <- as.vector(x)
  if (length(values) != prod(shape)) stop("fuzz: the array has another number of values than its shape says")
  names <- dimnames(x)
  if (!is.null(names)) {
    sizes <- ifelse(vapply(names, is.null, NA), shape, lengths(names))
    if (length(names) != length(shape) || any(sizes != shape)) stop("fuzz: the names do not fit the shape")
  }
}

# Is an error allowed? It is when it has a class of ours (but that of our own bugs), when R could not match arguments, when
# the user's function raised it, or when base R's own code did on what is not an array.
allowed <- function(condition, frames) {
  message <- conditionMessage(condition)
  if (inherits(condition, "mlx_error")) {
    return(!inherits(condition, "mlx_error_internal"))
  }
  grepl(paste(allowed_messages, collapse = "|"), message) || from_base(frames)
}

allowed_messages <- c(
  "argument (\"[^\"]+\" )?is missing, with no default", "^unused arguments? ", "matched by multiple actual arguments",
  # R itself looks at these before it calls a method
  " takes [0-9 or]+ arguments?$", "^'decreasing' must be a length-1 logical vector",
  "^argument [0-9]+ matches multiple formal arguments", "^supplied argument name ", "^[0-9]+ arguments? passed to '.*' which ",
  "^operator needs (one|two|one or two) arguments?$",
  # R itself looks at the name before it calls `$<-.mlx`
  "^invalid subscript type", "raised by the user's function"
)

# Functions that hand their arguments on to base R, as their help pages say.
hands_on <- c("format.mlx", "print.mlx", "as.vector.mlx")

# Goes from the innermost frame outwards: was it base R's code that the user's code (or a default method of ours) called?
from_base <- function(frames) {
  for (frame in rev(frames)) {
    home <- topenv(environment(frame$fun))
    if (identical(home, namespace)) {
      return(hands_to_base(frame))
    }
    if (identical(home, globalenv())) {
      return(TRUE)
    }
  }
  TRUE
}

# Is the function of ours in a frame a generic, a default method, or a masked function of base R without an array?
hands_to_base <- function(frame) {
  name <- if (is.name(frame$call[[1L]])) as.character(frame$call[[1L]]) else ""
  if ("UseMethod" %in% all.names(body(frame$fun)) || grepl("[.]default$", name) || name %in% hands_on) {
    return(TRUE)
  }
  exists(name, baseenv(), inherits = FALSE) && !any(vapply(data_of(frame), inherits, NA, "mlx"))
}

# What stands for data in a call: the dots where they come first, else the first two arguments.
data_of <- function(frame) {
  names <- names(formals(frame$fun))
  if (names[[1L]] == "...") eval(quote(list(...)), frame$env) else mget(utils::head(names, 2L), frame$env)
}

# The frames from number `from` to `to`.
frames_between <- function(from, to) {
  lapply(seq.int(from, length.out = to - from + 1L), function(k) {
    list(fun = sys.function(k), call = sys.call(k), env = sys.frame(k))
  })
}

refusal <- function(condition) if (inherits(condition, "mlx_error")) class(condition)[[1L]] else "error of base R"

# Runs code; gives "returned", the kind of an error, or a message starting with "!" for an error that is not allowed.
outcome <- function(code) {
  frames <- list()
  outer <- sys.nframe()
  tryCatch(
    withCallingHandlers(
      {
        compute(eval(code, new.env(parent = globalenv())))
        "returned"
      },
      # the frame of this handler is above those of the error
      error = function(e) frames <<- frames_between(outer + 1L, sys.nframe() - 1L)
    ),
    error = function(e) {
      if (allowed(e, frames)) refusal(e) else paste0("!<", class(e)[[1L]], "> ", plain(conditionMessage(e)))
    }
  )
}

# What some calls switch for the session.
limits <- list(memory = mlx_get_memory_limit(), cache = mlx_set_cache_limit(2^28))
mlx_set_cache_limit(limits$cache)

reset <- function() {
  mlx_set_memory_limit(limits$memory)
  mlx_set_cache_limit(limits$cache)
  try(mlx_enable_compile(), silent = TRUE)
  try(mlx_default_device("cpu"), silent = TRUE)
  for (device in grDevices::dev.list()) grDevices::dev.off(device)
}

fuzz_range <- function(range, seed, sites, left_out) {
  targets <- fuzz_targets()
  pools <- fuzz_pools(readRDS(sites))
  note("I", Sys.getpid())
  for (i in range) {
    made <- make_call(i, seed, targets, pools)
    if (made$target %in% left_out) next
    note("S", i, made$target, plain(deparse(made$code, width.cutoff = 500L)))
    if (exists("mlx_set_seed")) mlx_set_seed(i)
    note("R", i, outcome(made$code))
    reset()
  }
  note("D")
  Sys.setenv(PATH = path)
}

numbers <- as.numeric(arguments[4:6])
fuzz_range(seq.int(numbers[[2L]], numbers[[3L]]), numbers[[1L]], arguments[[2L]], arguments[-(1:6)])
