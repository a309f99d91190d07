/* Hands R's loading of the package over to Rust, which registers the routines (rust/src/lib.rs). */
#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

void rmlx_register(DllInfo *dll);

void attribute_visible R_init_Rmlx(DllInfo *dll) { rmlx_register(dll); }
