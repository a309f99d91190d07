# Compares the index in _pkgdown.yml with the help pages in man/ and the exports in NAMESPACE. Runs from the package's
# root, needs no installed package, and closes with one line of counts. Internal pages (\keyword{internal}) may stay out of
# the index.

# What the directives `export(...)` name, also those inside `if (...)`.
exports <- function(file) {
  named <- function(call) {
    if (!is.call(call)) {
      return(NULL)
    }
    if (identical(call[[1L]], quote(export))) vapply(as.list(call)[-1L], as.character, "") else unlist(lapply(call, named))
  }
  unlist(lapply(parse(file, keep.source = FALSE), named))
}

# Aliases of a help page, and whether it has examples and is internal.
help_page <- function(file) {
  rd <- tools::parse_Rd(file)
  tags <- vapply(rd, attr, "", "Rd_tag")
  text <- function(tag) gsub("\\%", "%", trimws(vapply(rd[tags == tag], paste, "", collapse = "")), fixed = TRUE)
  list(
    file = file, aliases = text("\\alias"), examples = any(tags == "\\examples"),
    internal = "internal" %in% text("\\keyword")
  )
}

sections <- lapply(yaml::read_yaml("_pkgdown.yml")$reference, `[[`, "contents")
index <- unlist(sections)
pages <- lapply(list.files("man", "[.]Rd$", full.names = TRUE), help_page)
aliases <- unlist(lapply(pages, `[[`, "aliases"))
page_of <- rep(seq_along(pages), lengths(lapply(pages, `[[`, "aliases")))
exported <- exports("NAMESPACE")
exported_pages <- page_of[match(exported, aliases)]
listed <- seq_along(pages) %in% page_of[aliases %in% index]
times_listed <- table(unlist(lapply(sections, function(names) unique(page_of[match(names, aliases)]))))
internal <- vapply(pages, `[[`, NA, "internal")
has_examples <- vapply(pages, `[[`, NA, "examples")
files <- vapply(pages, `[[`, "", "file")

problems <- list(
  "exported, without a help page" = exported[is.na(exported_pages)],
  "exported, without examples" = exported[exported_pages %in% which(!has_examples)],
  "help page that is not in the index" = files[!listed & !internal],
  "in the index, without a help page" = setdiff(index, aliases),
  "in several sections of the index" = files[as.integer(names(times_listed)[times_listed > 1L])],
  "twice in the index" = unique(index[duplicated(index)])
)
for (what in names(problems)) {
  for (name in problems[[what]]) cat(sprintf("%s: %s\n", what, name))
}
cat(sprintf(
  "reference index: %d exports on %d help pages, %d entries, %d problems\n",
  length(exported), length(pages), length(index), sum(lengths(problems))
))
quit(status = as.integer(sum(lengths(problems)) > 0L))
