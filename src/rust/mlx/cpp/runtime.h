// Devices, evaluation and memory.
#pragma once

#include "array.h"

namespace rmlx {

bool has_gpu();
void set_default_device(bool gpu);
void synchronize(bool gpu);
void evaluate(const Arrays& xs);
void start_evaluation(const Arrays& xs);
void set_fused_evaluation(bool fused);
bool is_ready(const Array& x);
void set_interrupt_hook(rust::Fn<bool()> hook);
rust::String take_kernel_failure();
size_t active_memory();
size_t peak_memory();
void reset_peak_memory();
size_t cache_memory();
size_t set_cache_limit(size_t limit);
size_t memory_limit();
size_t set_memory_limit(size_t limit);
bool is_wide();
void clear_cache();
rust::String version();
void set_kernel_folder(rust::Str folder);

} // namespace rmlx
