/* The two places where R's jumps and Rust meet.
 *
 * R leaves a function by longjmp. `rmlx_unwind()` runs code that may do so and stops the jump here, in C, so that the
 * Rust and C++ frames above return the ordinary way. At the very end, when nothing is left to clean up, the entry point
 * calls `rmlx_raise()` or `rmlx_resume()`, which jump for good. */
#include <setjmp.h>

#define R_NO_REMAP
#include <Rinternals.h>

static void stop_jump(void *buffer, Rboolean jump) {
  if (jump) longjmp(*(jmp_buf *)buffer, 1);
}

/* Calls code(data); *jumped tells whether R wanted to jump away, in which case `token` remembers where to. */
SEXP rmlx_unwind(SEXP (*code)(void *), void *data, SEXP token, int *jumped) {
  jmp_buf buffer;
  if (setjmp(buffer)) {
    *jumped = 1;
    return R_NilValue;
  }
  return R_UnwindProtect(code, data, stop_jump, &buffer, token);
}

/* Goes on with a jump that rmlx_unwind() stopped. */
void rmlx_resume(SEXP token) { R_ContinueUnwind(token); }

/* Calls the R function `raise` with a description of what failed; it signals the condition and does not return. */
void rmlx_raise(SEXP raise, SEXP failure) {
  PROTECT(failure);
  SEXP call = PROTECT(Rf_lang2(raise, failure));
  Rf_eval(call, R_BaseEnv);
  UNPROTECT(2);
  Rf_error("Rmlx: internal error: the condition was not signalled");
}
