"""The tasks of elementwise.R and jobs.R in JAX. A task gets the arrays that R sent and returns what is timed."""
import math
from functools import partial
from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_platforms", "cpu")
versions = f"jax {version('jax')}, jaxlib {version('jaxlib')}"
array = jnp.asarray


def to_numpy(x):
    return np.asarray(x.astype(jnp.float32))


def chain(x):
    return jnp.exp(-x * x) * jnp.sin(x) + x / (1 + jnp.abs(x))


def compiled(f):
    f = jax.jit(f)
    return lambda x, y: lambda: f(x, y)


def product(dtype):
    multiply = jax.jit(jnp.matmul)

    def task(a, b):
        a, b = a.astype(dtype), b.astype(dtype)
        return lambda: multiply(a, b)

    return task


ELEMENTWISE = {
    "add": compiled(lambda x, y: x + y),
    "exp": compiled(lambda x, y: jnp.exp(x)),
    "sin": compiled(lambda x, y: jnp.sin(x)),
    "tanh": compiled(lambda x, y: jnp.tanh(x)),
    "sigmoid": compiled(lambda x, y: jax.nn.sigmoid(x)),
    "sum": compiled(lambda x, y: jnp.sum(x)),
    "where": compiled(lambda x, y: jnp.where(x > y, x, y)),
    "chain": lambda x, y: lambda: chain(x),
    "compiled chain": compiled(lambda x, y: chain(x)),
    "softmax": lambda m: lambda f=jax.jit(jax.nn.softmax): f(m),
    "product, float32": product(jnp.float32),
    "product, float16": product(jnp.float16),
    "product, bfloat16": product(jnp.bfloat16),
}


def mlp(x, labels, w1, b1, w2, b2, batch, rate):
    batch, rate = batch.item(), rate.item()

    def loss(params, x, labels):
        w1, b1, w2, b2 = params
        scores = jax.nn.log_softmax(jax.nn.relu(x @ w1 + b1) @ w2 + b2)
        return -jnp.mean(jnp.take_along_axis(scores, labels[:, None], axis=1))

    @jax.jit
    def step(params, x, labels):
        value, grads = jax.value_and_grad(loss)(params, x, labels)
        return jax.tree.map(lambda p, g: p - rate * g, params, grads), value

    def run():
        params = w1, b1, w2, b2
        for i in range(0, x.shape[0] - batch + 1, batch):
            params, _ = step(params, x[i : i + batch], labels[i : i + batch])
        return params[0]

    return run


def logistic(x, y, steps, rate):
    rate = rate.item() / x.shape[0]

    @jax.jit
    def step(w, x, y):
        return w - rate * (x.T @ (jax.nn.sigmoid(x @ w) - y))

    def run():
        w = jnp.zeros(x.shape[1])
        for _ in range(steps.item()):
            w = step(w, x, y)
        return w

    return run


def transformer(x, heads, qkv, out, up, down):
    heads = heads.item()
    batch, tokens, width = x.shape
    scale = 1 / math.sqrt(width // heads)

    def norm(x):
        return (x - x.mean(-1, keepdims=True)) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5)

    def attention(x, qkv, out):
        q, k, v = (part.reshape(batch, tokens, heads, -1) for part in jnp.split(x @ qkv, 3, axis=-1))
        weights = jax.nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", q, k) * scale)
        return jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(batch, tokens, width) @ out

    @jax.jit
    def forward(x, qkv, out, up, down):
        for layer in range(qkv.shape[0]):
            x = x + attention(norm(x), qkv[layer], out[layer])
            x = x + jax.nn.gelu(norm(x) @ up[layer]) @ down[layer]
        return norm(x)

    return lambda: forward(x, qkv, out, up, down)


def least_squares(x, y):
    @jax.jit
    def fit(x, y):
        q, r = jnp.linalg.qr(x)
        return jax.scipy.linalg.solve_triangular(r, q.T @ y)

    return lambda: fit(x, y)


def kmeans(x, start, steps):
    @partial(jax.jit, static_argnums=2)
    def run(x, centers, steps):
        def step(_, centers):
            distances = jnp.sum(centers * centers, axis=1) - 2 * (x @ centers.T)
            member = jax.nn.one_hot(jnp.argmin(distances, axis=1), centers.shape[0])
            return (member.T @ x) / member.sum(axis=0)[:, None]

        return jax.lax.fori_loop(0, steps, step, centers)

    return lambda: run(x, start, steps.item())


JOBS = {
    "MLP, one epoch": mlp,
    "logistic regression": logistic,
    "transformer, forward": transformer,
    "least squares by QR": least_squares,
    "k-means": kmeans,
}


def prepare(name, data):
    task = (ELEMENTWISE | JOBS)[name](**data)
    return lambda: jax.block_until_ready(task())
