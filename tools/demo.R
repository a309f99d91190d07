# `make demo`: from data to fitted model, on two data sets that R brings along, each time beside base R's lm().
# 1. A linear model of fuel consumption (mtcars) by gradient descent: it has to find what lm() finds.
# 2. A small network for ozone (airquality), whose relation to the weather is not linear, judged on days that neither
#    model has seen.
# Writes demo-loss.png to the working folder.
suppressPackageStartupMessages(library(Rmlx))

begin <- proc.time()[["elapsed"]]
say <- function(...) cat(..., "\n", sep = "")
progress <- function(step, steps, loss) {
  if (step == 1L || step %% (steps / 5) == 0) say(sprintf("  step %4d of %d   loss %8.4f", step, steps, loss))
}

say(
  "Rmlx ", format(packageVersion("Rmlx")), " with MLX ", mlx_version(), " on ", R.version.string,
  ", device: ", mlx_default_device()
)

# --- 1. a linear model -----------------------------------------------------------------------------------------------

predictors <- c("wt", "hp", "disp")
inputs <- scale(as.matrix(mtcars[predictors]))
x <- as_mlx(inputs)
y <- as_mlx(matrix(mtcars$mpg))

linear_loss <- function(weights, intercept, x, y) mean((x %*% weights + intercept - y)^2)

say("\n1. mtcars: miles per gallon from weight, power and displacement (standardised), 32 cars")
say("   Gradient descent with mlx_value_grad()\n")
weights <- as_mlx(matrix(0, length(predictors), 1))
intercept <- as_mlx(0)
losses <- numeric(1000)
for (step in seq_along(losses)) {
  result <- mlx_value_grad(linear_loss, weights, intercept, x, y, argnums = 1:2)
  weights <- weights - 0.1 * result$grads[[1]]
  intercept <- intercept - 0.1 * result$grads[[2]]
  losses[step] <- as.vector(result$value)
  progress(step, length(losses), losses[step])
}

reference <- lm(mtcars$mpg ~ inputs)
coefficients <- data.frame(
  Rmlx = c(as.vector(intercept), as.vector(weights)), lm = coef(reference),
  row.names = c("(Intercept)", predictors)
)
coefficients$difference <- coefficients$Rmlx - coefficients$lm
difference <- max(abs(coefficients$difference))
say()
print(transform(round(coefficients, 4), difference = sprintf("%.1e", coefficients$difference)))
say(sprintf("\n   Largest difference from lm(): %.1e", difference))

# --- 2. a small network ----------------------------------------------------------------------------------------------

days <- airquality[complete.cases(airquality), c("Ozone", "Solar.R", "Wind", "Temp")]
unseen <- seq_len(nrow(days)) %% 4 == 0
centre <- colMeans(days[!unseen, ])
spread <- apply(days[!unseen, ], 2, sd)
scaled <- scale(as.matrix(days), centre, spread)
x_seen <- as_mlx(scaled[!unseen, -1])
y_seen <- as_mlx(scaled[!unseen, 1, drop = FALSE])
x_unseen <- as_mlx(scaled[unseen, -1])

say(sprintf(
  "\n2. airquality: ozone from sun, wind and temperature, %d days to learn from, %d to judge by",
  sum(!unseen), sum(unseen)
))
say("   A network with one hidden layer of 16 units, mlx_train_step() with mlx_optimizer_sgd()\n")
set.seed(1)
network <- mlx_sequential(mlx_linear(3, 16), mlx_relu(), mlx_linear(16, 1))
optimizer <- mlx_optimizer_sgd(mlx_parameters(network), lr = 0.05)
network_loss <- function(network, x, y) mlx_mse_loss(mlx_forward(network, x), y)
network_losses <- numeric(500)
for (step in seq_along(network_losses)) {
  result <- mlx_train_step(network, network_loss, optimizer, x_seen, y_seen)
  network_losses[step] <- as.vector(result$loss)
  progress(step, length(network_losses), network_losses[step])
}

ozone <- function(x) as.vector(mlx_forward(network, x)) * spread[["Ozone"]] + centre[["Ozone"]]
linear <- lm(Ozone ~ ., days[!unseen, ])
rmse <- function(fitted, rows) sqrt(mean((fitted - days$Ozone[rows])^2))
errors <- rbind(
  network = c(rmse(ozone(x_seen), !unseen), rmse(ozone(x_unseen), unseen)),
  "lm()" = c(rmse(fitted(linear), !unseen), rmse(predict(linear, days[unseen, ]), unseen))
)
colnames(errors) <- c("days learnt from", "unseen days")
say("\n   Root mean squared error, in parts per billion of ozone")
print(round(errors, 1))

# --- how the losses fell ---------------------------------------------------------------------------------------------

draw <- function(losses, floor, title, unit) {
  plot(losses,
    type = "l", log = "xy", lwd = 2, col = "#0072B2", las = 1, main = title, xlab = "step (log scale)", ylab = unit,
    ylim = range(losses, floor)
  )
  abline(h = floor, lty = 2)
  legend("topright", c("Rmlx", "lm()"), col = c("#0072B2", "black"), lty = 1:2, lwd = 2:1, bty = "n")
}

# Cairo draws without a display; another device is tried where R was built without it. NULL when no picture came about.
write_plot <- function(file) {
  type <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
  tryCatch(
    {
      grDevices::png(file, width = 1200, height = 550, res = 110, type = type)
      on.exit(grDevices::dev.off())
      par(mfrow = c(1, 2), mar = c(4.2, 4.5, 2.5, 1))
      draw(losses, mean(residuals(reference)^2), "mtcars, linear model", expression("mean squared error," ~ mpg^2))
      floor <- mean(residuals(linear)^2) / spread[["Ozone"]]^2
      draw(network_losses, floor, "airquality, network", "mean squared error, standardised")
      normalizePath(file)
    },
    error = function(e) NULL,
    warning = function(w) NULL
  )
}

file <- write_plot("demo-loss.png")

say(sprintf(
  paste(
    "\nDone in %.1f seconds. A linear model of 32 cars was fitted by gradient descent and agrees with lm() to %.1e.",
    "A small network learnt ozone from %d days; on %d days that it had not seen it misses by %.1f, and lm() by %.1f.",
    "MLX computed all predictions and gradients.",
    sep = "\n"
  ),
  proc.time()[["elapsed"]] - begin, difference, sum(!unseen), sum(unseen), errors["network", 2], errors["lm()", 2]
))
if (is.null(file)) {
  say("No plot was drawn: R could not write a PNG file here.")
} else {
  say("Plot of the losses: ", file)
}
if (difference > 1e-3) stop("the linear model did not find what lm() finds")
