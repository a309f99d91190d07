# The lines that the getting-started document shows for a block.
shown_in_seed <- function(block) {
  lines <- readLines(testthat::test_path("fixtures", "getting-started.txt"))
  start <- match(paste("##", block), lines)
  end <- c(grep("^## ", lines), length(lines) + 1L)
  lines[seq.int(start + 1L, min(end[end > start]) - 1L)]
}

# What a block prints at the console: visible values, output, warnings. The session's device is shown as "gpu".
replay <- function(code, device = mlx_best_device()) {
  env <- parent.frame()
  lines <- utils::capture.output(for (expression in substitute_braces(substitute(code))) {
    result <- withCallingHandlers(withVisible(eval(expression, env)), warning = function(w) {
      cat(sprintf("Warning in %s: %s\n", deparse(conditionCall(w)), conditionMessage(w)))
      invokeRestart("muffleWarning")
    })
    if (result$visible) print(result$value)
  })
  sub(sprintf("^(  device: |\\[1\\] \")%s", device), "\\1gpu", lines)
}
