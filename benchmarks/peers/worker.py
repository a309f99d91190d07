"""Runs tasks of one library for peers.R. The argument is the library: its tasks are in with_<library>.py.

The first line written tells the versions. Then each line read is a command, its words separated by tabs, and is answered
with one line, which starts with "error" if something went wrong:

    array NAME TYPE SHAPE FILE   keeps an array for the tasks
    seconds TASK TIMES           the mean time of a run
    result TASK FILE             writes what the task gives as float32, and answers its shape
"""
import functools
import gc
import importlib
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what libraries print is no answer


def shape_of(words):
    return tuple(int(word) for word in words.split())


def seconds(run, times):
    gc.collect()
    begin = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - begin) / times


def serve(library):
    import numpy as np

    tasks = importlib.import_module(f"with_{library}")
    data = {}

    @functools.cache
    def prepared(name):
        return tasks.prepare(name, data)

    def answer(command, *words):
        if command == "array":
            name, dtype, shape, file = words
            data[name] = tasks.array(np.fromfile(file, dtype).reshape(shape_of(shape)))
            return "kept"
        run = prepared(words[0])
        if command == "seconds":
            return seconds(run, int(words[1]))
        result = tasks.to_numpy(run())
        result.astype("float32").tofile(words[1])
        return " ".join(map(str, result.shape))

    print(tasks.versions, file=answers)
    for line in sys.stdin:
        try:
            print(answer(*line.rstrip("\n").split("\t")), file=answers)
        except Exception as problem:
            print("error:", repr(problem).replace("\n", " "), file=answers)


try:
    serve(sys.argv[1])
except ImportError as problem:
    print("error:", problem, file=answers)
