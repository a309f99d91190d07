# What happens while a function is traced: parameters are put back, and who reads a value is told where.

# Calls `f` with arrays without values. Where its state is to be collected afterwards, that is put back later.
traced <- function(f, ...) {
  outer <- the$traced
  the$traced <- f
  kept <- outer_variables(f)
  on.exit(the$traced <- outer)
  journaled(withCallingHandlers(
    {
      value <- f(...)
      check_kept(f, kept)
      value
    },
    error = function(e) {
      restore_variables(f, kept)
      explain_condition(f, e, sys.frame(-2L))
    }
  ), keep = !is.null(the$state))
}

# The variables outside a function that it assigns with `<<-`, and what they hold now.
outer_variables <- function(f) {
  if (is.primitive(f)) return(list())
  names <- as.character(unique(super_assigned(body(f))))
  mget(names, envir = environment(f), inherits = TRUE, ifnotfound = list(NULL))
}

super_assigned <- function(code) {
  if (!is.call(code)) return(character())
  target <- if (identical(code[[1L]], quote(`<<-`))) all.vars(code[[2L]])[1L]
  c(target, unlist(lapply(as.list(code), function(part) if (!missing(part)) super_assigned(part))))
}

check_kept <- function(f, kept) {
  for (name in names(kept)) {
    value <- get0(name, envir = environment(f))
    if (length(arrays_of(value)) > 0L && .Call(ffi_is_tracer, value)) {
      stop_mlx("trace", paste0(
        "A function that is compiled or vectorised cannot keep an array outside: `", name, " <<-` would hold a value ",
        "that is not known. Return it, or name what holds it in the `outputs` of mlx_compile().", where_assigned(f, name)
      ), call = NULL)
    }
  }
}

restore_variables <- function(f, kept) {
  for (name in names(kept)) {
    value <- get0(name, envir = environment(f))
    if (length(arrays_of(value)) > 0L && .Call(ffi_is_tracer, value)) {
      home <- environment(f)
      while (!exists(name, envir = home, inherits = FALSE)) home <- parent.env(home)
      assign(name, kept[[name]], envir = home)
    }
  }
}

# `if (x > 0)` on an array is R's own error: it is told in our words where it was.
explain_condition <- function(f, e, frame) {
  call <- conditionCall(e)
  decides <- is.call(call) && is.name(call[[1L]]) && as.character(call[[1L]]) %in% c("if", "while", "&&", "||")
  if (!decides || inherits(e, "mlx_error")) return()
  tests <- as.list(call)[if (as.character(call[[1L]]) %in% c("if", "while")) 2L else 2:3]
  values <- lapply(tests, function(test) tryCatch(eval(test, frame), error = function(e) NULL))
  values <- Filter(is_mlx, values)
  if (length(values) > 0L && !.Call(ffi_is_unknown, values)) {
    stop_mlx("argument", paste0(
      "`", as.character(call[[1L]]), "` needs an R value, not an array: use as.vector().", place_text(line_of(f, call), call)
    ), call = NULL)
  }
  if (length(values) > 0L) {
    stop_mlx("trace", paste0(
      "`", as.character(call[[1L]]), "` needs a value, and those of arrays are not known while their function is traced: ",
      "use mlx_where() or mlx_cond().", place_text(line_of(f, call), call)
    ), call = NULL)
  }
}

# Where the traced function called what is running now: a text to put behind a message.
where_traced <- function() {
  if (is.null(the$traced)) return("")
  frame <- Find(function(i) identical(sys.function(i), the$traced), seq_len(sys.nframe()), right = TRUE)
  called <- which(sys.parents() == frame & seq_along(sys.parents()) > frame)
  if (length(called) == 0L) return("")
  call <- sys.call(called[[1L]])
  place_text(line_of(the$traced, call), call)
}

where_assigned <- function(f, name) {
  call <- find_call(body(f), function(call) identical(call[[1L]], quote(`<<-`)) && all.vars(call[[2L]])[1L] == name)
  place_text(line_of(f, call), call)
}

place_text <- function(line, call) {
  code <- deparse(call, nlines = 1L, width.cutoff = 60L)[[1L]]
  if (is.null(line)) sprintf("\nIt was in `%s`.", code) else sprintf("\nIt was in line %s: `%s`.", line, code)
}

# The line of a call in the function, counted from the first of its file, or NULL where R has not kept the source.
line_of <- function(f, call) {
  source <- attr(call, "srcref")
  if (is.null(source)) source <- statement_source(body(f), call)
  if (is.null(source)) return(NULL)
  file <- utils::getSrcFilename(source)
  line <- as.character(utils::getSrcLocation(source, "line"))
  if (length(file) == 1L && !file %in% c("", "<text>")) paste(line, "of", file) else line
}

# The source of the innermost statement in braces that holds the call.
statement_source <- function(code, call) {
  sources <- attr(code, "srcref")
  for (i in seq_along(code)) {
    part <- code[[i]]
    if (!is.call(part) || is.null(find_call(part, function(inner) identical(inner, call)))) next
    inner <- statement_source(part, call)
    return(if (is.null(inner) && length(sources) >= i) sources[[i]] else inner)
  }
}

find_call <- function(code, fits) {
  if (!is.call(code)) return(NULL)
  if (fits(code)) return(code)
  for (part in as.list(code)) {
    found <- if (!missing(part)) find_call(part, fits)
    if (!is.null(found)) return(found)
  }
}
