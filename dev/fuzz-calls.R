# Which functions the fuzzer calls, and how it makes a call.

# Functions that must not be called: c(name = "why").
excluded <- character()

# The members of R's group generics.
group_members <- function(group) {
  switch(group,
    Ops = c(unlist(lapply(c("Arith", "Compare", "Logic"), methods::getGroupMembers)), "!"),
    Math = unique(c(methods::getGroupMembers("Math"), methods::getGroupMembers("Math2"), "log")),
    Summary = methods::getGroupMembers("Summary"),
    Complex = c("Arg", "Conj", "Im", "Mod", "Re"),
    group
  )
}

# Exported functions and registered methods: list(name, formals, class); `class` is empty for exported functions.
fuzz_targets <- function(package = "Rmlx") {
  ns <- asNamespace(package)
  names <- sort(Filter(function(name) is.function(get(name, ns)), getNamespaceExports(package)))
  names <- setdiff(names, names(excluded))
  exported <- lapply(names, function(name) list(name = name, formals = formals(args(get(name, ns))), class = ""))
  table <- ns[[".__NAMESPACE__."]]$S3methods
  table <- table[grepl("^mlx", table[, 2L]), , drop = FALSE]
  methods <- lapply(seq_len(nrow(table)), function(i) {
    method <- formals(get(table[i, 3L], ns))
    lapply(group_members(table[i, 1L]), function(name) list(name = name, formals = method, class = table[i, 2L]))
  })
  targets <- c(exported, do.call(c, methods))
  names(targets) <- vapply(targets, function(target) {
    if (nzchar(target$class)) sprintf("%s (%s)", target$name, target$class) else target$name
  }, "")
  targets
}

# The calls of the targets in the examples of the help pages: list(code, at), with the code up to the call and the path
# to the call in its last expression. Grouped by function.
example_sites <- function(folder, targets) {
  names <- unique(vapply(targets, `[[`, "", "name"))
  sites <- list()
  for (page in sort(list.files(folder, "[.]Rd$", full.names = TRUE), method = "radix")) {
    code <- example_code(page)
    for (k in seq_along(code)) {
      setup <- Filter(needed, code[seq_len(k - 1L)])
      for (path in call_paths(code[[k]], names)) {
        name <- as.character(code[[k]][[c(path, 1L)]])
        sites[[name]] <- c(sites[[name]], list(list(setup = setup, code = code[[k]], at = path)))
      }
    }
  }
  sites
}

example_code <- function(page) {
  file <- tempfile(fileext = ".R")
  on.exit(unlink(file))
  suppressWarnings(tools::Rd2ex(page, file))
  if (file.exists(file)) as.list(parse(file, keep.source = FALSE)) else list()
}

# Does what comes later in an example depend on this expression?
needed <- function(code) {
  is.call(code) && grepl("^<-$|^=$|^for$|save|seed|write|set_|export", as.character(code[[1L]])[[1L]])
}

# The paths to the calls of functions in an expression.
call_paths <- function(code, names, at = integer()) {
  if (!is.call(code)) {
    return(list())
  }
  head <- code[[1L]]
  found <- if (is.name(head) && as.character(head) %in% names) list(at) else list()
  parts <- setdiff(seq_along(code), if (identical(head, quote(`function`))) c(1L, 2L, 4L))
  for (i in parts) {
    if (!identical(code[[i]], no_value())) found <- c(found, call_paths(code[[i]], names, c(at, i)))
  }
  found
}

pick <- function(values) values[[sample.int(length(values), 1L)]]

chance <- function(p) stats::runif(1L) < p

# Makes call number `i`: list(target, code). All depends on the seed and `i` alone.
make_call <- function(i, seed, targets, pools) {
  set.seed((seed * 100003 + i * 17) %% 2147483647, "Mersenne-Twister", "Inversion", "Rejection")
  target <- targets[[(i - 1L) %% length(targets) + 1L]]
  sites <- pools$sites[[target$name]]
  code <- if (length(sites) && !nzchar(target$class) && chance(0.5)) {
    from_example(pick(sites), target, pools)
  } else {
    traced(from_formals(target, pools), pools)
  }
  list(target = names(targets)[[(i - 1L) %% length(targets) + 1L]], code = code)
}

bad_value <- function(pools) if (chance(0.5)) pick(pools$values) else pick(pools$arrays)

# A call of an example, with one or two arguments changed.
from_example <- function(site, target, pools) {
  call <- if (length(site$at)) site$code[[site$at]] else site$code
  for (k in seq_len(sample(0:2, 1L, prob = c(0.1, 0.65, 0.25)))) call <- change_argument(call, target, pools)
  code <- site$code
  if (length(site$at)) code[[site$at]] <- call else code <- call
  if (length(site$setup)) as.call(c(quote(`{`), site$setup, list(code))) else code
}

change_argument <- function(call, target, pools) {
  value <- list(bad_value(pools))
  absent <- setdiff(names(target$formals), c(names(call), "..."))
  if (length(call) == 1L || (length(absent) && chance(0.25))) {
    extra <- if (length(absent)) stats::setNames(value, pick(absent)) else value
    return(as.call(c(as.list(call), extra)))
  }
  at <- 1L + sample.int(length(call) - 1L, 1L)
  if (chance(0.1)) {
    return(call[-at])
  }
  call[at] <- value
  call
}

# A call with arguments that the names and defaults of the formals suggest, mostly with one or two of them bad.
from_formals <- function(target, pools) {
  family <- pick(pools$families)
  formals <- target$formals
  args <- list()
  for (name in names(formals)) {
    first <- identical(name, names(formals)[[1L]])
    given <- if (name == "...") {
      dots(target, family, pools, leading = first)
    } else if (first && nzchar(target$class)) {
      list(receiver(target, family, pools))
    } else {
      argument(name, formals[[name]], family, pools)
    }
    if (length(given) && name != "..." && after_dots(name, formals)) names(given) <- name
    args <- c(args, given)
  }
  fixed <- nzchar(target$class) && !target$name %in% group_members("Ops")
  as.call(c(as.name(target$name), spoil(args, fixed, pools)))
}

# Arguments after an optional one that was left out, or after dots, need their names.
after_dots <- function(name, formals) match(name, names(formals)) > 1L

receiver <- function(target, family, pools) {
  if (target$class != "mlx") pick(pools$classes[[target$class]]) else pick(if (chance(0.7)) family else pools$receivers)
}

dots <- function(target, family, pools, leading) {
  if (grepl("^\\[", target$name)) {
    return(lapply(seq_len(sample.int(3L, 1L)), function(k) pick(pools$indices)))
  }
  if (!leading && chance(0.9)) {
    return(list())
  }
  values <- lapply(seq_len(sample.int(3L, 1L)), function(k) pick(family))
  if (target$class == "" || !leading) values else replace(values, 1L, list(receiver(target, family, pools)))
}

# One good argument, or none where the default will do: a list of length one or zero.
argument <- function(name, default, family, pools) {
  required <- identical(default, no_value())
  if (!required && chance(0.6)) {
    return(list())
  }
  if (is.logical(default)) {
    return(list(pick(list(TRUE, FALSE))))
  }
  if (is.call(default) && identical(default[[1L]], quote(c)) && is.character(default[[2L]])) {
    return(list(pick(as.list(default)[-1L])))
  }
  values <- pools$good[[name]]
  if (!is.null(values)) list(pick(values)) else if (is.numeric(default)) list(pick(alist(1, 2, 0.5, 3))) else list(pick(family))
}

# Replaces some arguments by bad ones, leaves one out or adds one; the first stays as it is where it picks the method.
spoil <- function(args, fixed, pools) {
  for (k in seq_len(sample(0:2, 1L, prob = c(0.2, 0.55, 0.25)))) {
    at <- sample.int(length(args) + 1L, 1L)
    if (at > length(args)) {
      if (chance(0.3)) args <- c(args, list(bad_value(pools)))
    } else if (at == 1L && fixed) {
      next
    } else if (chance(0.08)) {
      args <- args[-at]
    } else {
      args[at] <- list(bad_value(pools))
    }
  }
  args
}

# Puts a share of the calls into a function that is differentiated or compiled, with an array argument traced. Not those
# with objects that have methods of their own: the frames of base R's error would be gone.
traced <- function(call, pools) {
  arrays <- which(vapply(as.list(call)[-1L], is_array_code, NA)) + 1L
  if (!length(arrays) || !chance(0.2) || any(c("factor", "as.Date", "data.frame") %in% all.names(call))) {
    return(call)
  }
  at <- arrays[[sample.int(length(arrays), 1L)]]
  value <- call[[at]]
  call[[at]] <- quote(x)
  if (chance(0.4)) {
    return(bquote(mlx_compile(function(x) .(call))(.(value))))
  }
  bquote(mlx_grad(function(x) if (is_mlx(y <- .(call))) sum(y) else sum(x), .(value)))
}

is_array_code <- function(code) {
  is.call(code) && is.name(code[[1L]]) && as.character(code[[1L]]) %in% c("as_mlx", "mlx_scalar", "t")
}

fuzz_pools <- function(sites) {
  arrays <- usable(special_arrays())
  list(
    values = special_values(), arrays = arrays, indices = usable(index_values()), sites = sites,
    good = lapply(good_values(), usable), families = lapply(array_families(), usable),
    classes = lapply(class_values(), usable),
    receivers = Filter(function(code) inherits(eval(code), "mlx"), arrays)
  )
}
