# State of this session that R keeps (Rust keeps the rest).
the <- new.env(parent = emptyenv())


# The value of an argument, or NULL when the user left it to its default: Rust knows the defaults, and does not have to
# look through choices.
given <- function(missing, value) if (!missing) value
