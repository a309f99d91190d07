"""The tasks of elementwise.R and jobs.R in Python's MLX. A task gets the arrays that R sent and returns what is timed."""
import math

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
import numpy as np
from importlib.metadata import version

mx.set_default_device(mx.cpu)
versions = f"mlx {version('mlx')}, mlx-cpu {version('mlx-cpu')}"
array = mx.array


def to_numpy(x):
    return np.array(x.astype(mx.float32))


def chain(x):
    return mx.exp(-x * x) * mx.sin(x) + x / (1 + mx.abs(x))


def product(dtype):
    def task(a, b):
        a, b = a.astype(dtype), b.astype(dtype)
        mx.eval(a, b)
        return lambda: a @ b

    return task


ELEMENTWISE = {
    "add": lambda x, y: lambda: x + y,
    "exp": lambda x, y: lambda: mx.exp(x),
    "sin": lambda x, y: lambda: mx.sin(x),
    "tanh": lambda x, y: lambda: mx.tanh(x),
    "sigmoid": lambda x, y: lambda: mx.sigmoid(x),
    "sum": lambda x, y: lambda: mx.sum(x),
    "where": lambda x, y: lambda: mx.where(x > y, x, y),
    "chain": lambda x, y: lambda: chain(x),
    "compiled chain": lambda x, y: lambda f=mx.compile(chain): f(x),
    "softmax": lambda m: lambda: mx.softmax(m, axis=-1),
    "product, float32": product(mx.float32),
    "product, float16": product(mx.float16),
    "product, bfloat16": product(mx.bfloat16),
}


def mlp(x, labels, w1, b1, w2, b2, batch, rate):
    batch = batch.item()

    def run():
        model = nn.Sequential(nn.Linear(*w1.shape), nn.ReLU(), nn.Linear(*w2.shape))
        first, _, second = model.layers  # nn.Linear keeps the transpose
        first.weight, first.bias, second.weight, second.bias = w1.T, b1, w2.T, b2
        optimizer = optim.SGD(rate.item())
        state = [model.state, optimizer.state]
        value_and_grad = nn.value_and_grad(
            model, lambda model, x, labels: nn.losses.cross_entropy(model(x), labels, reduction="mean")
        )

        def step(x, labels):
            loss, grads = value_and_grad(model, x, labels)
            optimizer.update(model, grads)
            return loss

        step = mx.compile(step, inputs=state, outputs=state)
        for i in range(0, x.shape[0] - batch + 1, batch):
            mx.eval(step(x[i : i + batch], labels[i : i + batch]), state)
        return first.weight.T

    return run


def logistic(x, y, steps, rate):
    rate = rate.item() / x.shape[0]

    @mx.compile
    def step(w):
        return w - rate * (x.T @ (mx.sigmoid(x @ w) - y))

    def run():
        w = mx.zeros(x.shape[1])
        for _ in range(steps.item()):
            w = step(w)
            mx.eval(w)
        return w

    return run


def transformer(x, heads, qkv, out, up, down):
    heads = heads.item()
    batch, tokens, width = x.shape
    scale = 1 / math.sqrt(width // heads)

    def norm(x):
        return mx.fast.layer_norm(x, None, None, 1e-5)

    def attention(x, qkv, out):
        q, k, v = (
            part.reshape(batch, tokens, heads, -1).transpose(0, 2, 1, 3) for part in mx.split(x @ qkv, 3, axis=-1)
        )
        mixed = mx.fast.scaled_dot_product_attention(q, k, v, scale=scale)
        return mixed.transpose(0, 2, 1, 3).reshape(batch, tokens, width) @ out

    @mx.compile
    def forward(x, qkv, out, up, down):
        for layer in range(qkv.shape[0]):
            x = x + attention(norm(x), qkv[layer], out[layer])
            x = x + nn.gelu_approx(norm(x) @ up[layer]) @ down[layer]
        return norm(x)

    return lambda: forward(x, qkv, out, up, down)


def least_squares(x, y):
    def run():
        q, r = mx.linalg.qr(x, stream=mx.cpu)
        return mx.linalg.solve_triangular(r, (q.T @ y)[:, None], upper=True, stream=mx.cpu)

    return run


def kmeans(x, start, steps):
    clusters = mx.arange(start.shape[0])

    @mx.compile
    def step(centers):
        distances = mx.sum(centers * centers, axis=1) - 2 * (x @ centers.T)
        member = (mx.argmin(distances, axis=1, keepdims=True) == clusters).astype(x.dtype)
        return (member.T @ x) / mx.sum(member, axis=0)[:, None]

    def run():
        centers = start
        for _ in range(steps.item()):
            centers = step(centers)
            mx.eval(centers)
        return centers

    return run


JOBS = {
    "MLP, one epoch": mlp,
    "logistic regression": logistic,
    "transformer, forward": transformer,
    "least squares by QR": least_squares,
    "k-means": kmeans,
}


def prepare(name, data):
    task = (ELEMENTWISE | JOBS)[name](**data)

    def run():
        result = task()
        mx.eval(result)
        return result

    return run
