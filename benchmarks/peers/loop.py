"""The loop of memory.R in Python's MLX: seconds, seconds of collecting, resident memory before and at most, MLX's peak."""
import sys
import time

import mlx.core as mx


def resident(field):
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith(field + ":"))


mx.set_default_device(mx.cpu)
x = mx.arange(1_000_000, dtype=mx.float32)
mx.eval(x + x)
before = resident("VmRSS")
begin = time.perf_counter()
for _ in range(int(sys.argv[1])):
    y = x + x
    mx.eval(y)
taken = time.perf_counter() - begin
print("RESULT", taken, 0, before, resident("VmHWM"), mx.get_peak_memory() / 2**20)
