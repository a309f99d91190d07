/* Who holds an object (rust/src/release.rs).
 *
 * R counts the references from its objects and variables; a pointer in a local variable of a C function is in no count.
 * Such a variable lies on the C stack, or in a register that the next call writes there. So `rmlx_on_stack()` looks at
 * all of the stack above a mark, and takes for a pointer whatever looks like one. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_getattr_np() */
#endif
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define R_NO_REMAP
#include <R_ext/Rallocators.h>
#include <Rinternals.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NOT_CHECKED __attribute__((no_sanitize("address")))
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define NOT_CHECKED __attribute__((no_sanitize_address))
#endif
#ifndef NOT_CHECKED
#define NOT_CHECKED
#endif

/* Any reference, more than one? Macros or functions, as R's version has it. */
int rmlx_is_referenced(SEXP x) { return MAYBE_REFERENCED(x); }
int rmlx_is_shared(SEXP x) { return MAYBE_SHARED(x); }

static void (*when_collected)(void);

static void *get_memory(R_allocator_t *allocator, size_t size) { return malloc(size); }

static void free_memory(R_allocator_t *allocator, void *memory) {
  free(memory);
  when_collected();
}

/* Makes a vector that nobody refers to. The next collection frees it, in the middle of the collection and so before any
 * finalizer runs, and calls `collected`, which must not call R. */
void rmlx_watch_collector(void (*collected)(void)) {
  static R_allocator_t allocator = {get_memory, free_memory, NULL, NULL};
  when_collected = collected;
  Rf_allocVector3(RAWSXP, 1, &allocator);
}

/* A pointer into an object counts as one to it; this is the size of the smaller ones. */
enum { SPAN = 56 };

static uintptr_t mark = 0;

typedef struct {
  uintptr_t low, high;
} range;

/* Where this thread's stack lies; empty where the system does not tell. */
static range stack_of_thread(void) {
  range stack = {0, 0};
#if defined(__APPLE__)
  stack.high = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
  stack.low = stack.high - pthread_get_stacksize_np(pthread_self());
#elif defined(__linux__)
  pthread_attr_t attributes;
  void *low = NULL;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes)) return stack;
  if (!pthread_attr_getstack(&attributes, &low, &size)) {
    stack.low = (uintptr_t)low;
    stack.high = stack.low + size;
  }
  pthread_attr_destroy(&attributes);
#endif
  return stack;
}

static __attribute__((noinline)) void set_mark(void) { mark = (uintptr_t)__builtin_frame_address(0); }

/* Clears the stack below its caller's frame: the next functions have their frames there, and would seem to hold what
 * others have left in the places that they do not write. */
__attribute__((noinline)) void rmlx_clear_stack(void) {
  volatile uintptr_t left[4096];
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) left[i] = 0;
}

/* Calls code(data), in which rmlx_on_stack() looks at the frames of this function's callers. Their registers are written
 * to this frame, above the mark. */
void rmlx_mark_stack(void (*code)(void *), void *data) {
  __builtin_unwind_init();
  uintptr_t before = mark;
  set_mark();
  code(data);
  mark = before;
}

/* Sets held[i] to whether the i-th of n addresses lies on the stack above the mark; all of them to 1 when it cannot look. */
NOT_CHECKED void rmlx_on_stack(const uintptr_t *addresses, unsigned char *held, size_t n) {
  static range stack = {0, 0};
  if (!stack.high) stack = stack_of_thread(); /* slow on Linux; R stays on one thread */
  uintptr_t here = (uintptr_t)__builtin_frame_address(0), lowest = UINTPTR_MAX, highest = 0;
  int can_look = stack.low <= here && here <= mark && mark < stack.high;
  for (size_t i = 0; i < n; i++) {
    held[i] = !can_look;
    if (addresses[i] < lowest) lowest = addresses[i];
    if (addresses[i] > highest) highest = addresses[i];
  }
  if (!can_look) return;
  for (const uintptr_t *word = (const uintptr_t *)mark; word < (const uintptr_t *)stack.high; word++) {
    if (*word < lowest || *word - SPAN >= highest) continue;
    for (size_t i = 0; i < n; i++) held[i] |= *word - addresses[i] < SPAN;
  }
}
