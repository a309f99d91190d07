# Kernels of compiled functions stay in the session's temporary folder: tests leave nothing in the user's cache.
withr::local_envvar(RMLX_KERNEL_CACHE = "off", .local_envir = teardown_env())
