# `make demo`: learns fuel consumption from weight, power and displacement (mtcars, a data set of R's own), first with a
# linear model by gradient descent, then with a small network, and shows both beside base R's lm().
library(Rmlx)

cat("\nRmlx ", format(packageVersion("Rmlx")), " on ", R.version.string, "; device: ", mlx_default_device(), "\n", sep = "")

set.seed(42)
predictors <- c("wt", "hp", "disp")
inputs <- scale(as.matrix(mtcars[predictors]))
target <- mtcars$mpg
x <- as_mlx(inputs)
y <- as_mlx(matrix(target))

# --- a linear model, by gradient descent -----------------------------------------------------------------------------

loss <- function(weights, intercept) mean((x %*% weights + intercept - y)^2)

weights <- as_mlx(matrix(0, length(predictors), 1))
intercept <- as_mlx(0)
linear_loss <- numeric(300)
for (step in seq_along(linear_loss)) {
  result <- mlx_value_grad(loss, weights, intercept)
  weights <- weights - 0.1 * result$grads[[1]]
  intercept <- intercept - 0.1 * result$grads[[2]]
  linear_loss[step] <- as.vector(result$value)
}

reference <- lm(target ~ inputs)
coefficients <- cbind(
  "lm()" = coef(reference),
  "Rmlx" = c(as.vector(intercept), as.vector(weights))
)
rownames(coefficients) <- c("(Intercept)", predictors)
cat("\nmpg ~ wt + hp + disp (standardised): 300 steps of gradient descent with mlx_value_grad()\n\n")
print(round(coefficients, 3))

# --- a small network -------------------------------------------------------------------------------------------------

centre <- mean(target)
spread <- sd(target)
y_scaled <- as_mlx(matrix((target - centre) / spread))
network <- mlx_sequential(mlx_linear(3, 16), mlx_relu(), mlx_linear(16, 1))
optimizer <- mlx_optimizer_sgd(mlx_parameters(network), lr = 0.05)
network_loss <- numeric(500)
for (step in seq_along(network_loss)) {
  result <- mlx_train_step(
    network, function(module, x, y) mlx_mse_loss(mlx_forward(module, x), y), optimizer, x, y_scaled
  )
  network_loss[step] <- as.vector(result$loss)
}
network_loss <- network_loss * spread^2

fitted_network <- as.vector(mlx_forward(network, x)) * spread + centre
error <- function(fitted) sqrt(mean((fitted - target)^2))
cat("\nRoot mean squared error in miles per gallon\n\n")
print(c(
  "lm()" = error(fitted(reference)),
  "Rmlx, linear" = error(as.vector(x %*% weights + intercept)),
  "Rmlx, network 3-16-1" = error(fitted_network)
), digits = 4)

# --- how the losses fell ---------------------------------------------------------------------------------------------

file <- "demo-loss.png"
# base R's own png() where it works, which on a server without X needs cairo
png(file, width = 900, height = 600, res = 110, type = if (capabilities("cairo")) "cairo" else getOption("bitmapType"))
floor <- mean(residuals(reference)^2)
plot(network_loss, type = "l", log = "y", lwd = 2, col = "#0072B2", xlab = "step", ylab = "mean squared error (mpg²)",
  main = "Learning mtcars with Rmlx", ylim = range(linear_loss, network_loss, floor))
lines(linear_loss, lwd = 2, col = "#D55E00")
abline(h = floor, lty = 2)
legend("topright", c("network", "linear model", "lm()"), col = c("#0072B2", "#D55E00", "black"), lty = c(1, 1, 2),
  lwd = 2, bty = "n")
invisible(dev.off())
cat("\nThe losses are drawn in ", file, "\n", sep = "")
