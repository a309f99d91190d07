#include "blas.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include <dlfcn.h>

#ifdef MLX_STATIC
extern "C" void cblas_sgemm(void);
#endif

namespace rmlx {

using Text = const char* (*)();
using Act = void (*)();

// A shared library that is loaded already, for as long as this lives.
struct Library {
  explicit Library(const std::string& file) : handle(file.empty() ? nullptr : dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle) dlclose(handle);
  }
  template <typename F>
  F symbol(const char* name) const {
    return handle ? reinterpret_cast<F>(dlsym(handle, name)) : nullptr;
  }
  void* handle;
};

// The file that the product of matrices comes from, or an empty string.
static std::string blas_file() {
  Dl_info found{};
#ifdef MLX_STATIC
  void* product = reinterpret_cast<void*>(&cblas_sgemm);
#else
  void* product = dlsym(RTLD_DEFAULT, "cblas_sgemm");
#endif
  if (!product || !dladdr(product, &found) || !found.dli_fname) return "";
  return found.dli_fname;
}

rust::String blas() {
  std::string text = blas_file();
  if (text.empty()) return "unknown";
  Library library(text);
  auto core = library.symbol<Text>("openblas_get_corename");
  auto config = library.symbol<Text>("openblas_get_config");
  if (core && config) text += std::string(", ") + config() + ", kernels for " + core();
  return text;
}

static bool has_avx512() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

// OpenBLAS chooses its kernels when it is loaded, by the model of the processor. One that is newer than the library gets
// those for AVX2 even where it has AVX-512; OpenBLAS is asked to choose again then. What the user has chosen stays.
void choose_blas_kernels() {
  const char* choice = "OPENBLAS_CORETYPE";
  if (std::getenv(choice) || !has_avx512()) return;
  Library library(blas_file());
  auto core = library.symbol<Text>("openblas_get_corename");
  auto leave = library.symbol<Act>("gotoblas_dynamic_quit");
  auto choose = library.symbol<Act>("gotoblas_dynamic_init");
  if (!core || !leave || !choose || !library.symbol<void*>("gotoblas_SKYLAKEX")) return;
  if (std::strcmp(core(), "Haswell") != 0 && std::strcmp(core(), "Zen") != 0) return;
  setenv(choice, "SkylakeX", 1);
  leave();
  choose();
  unsetenv(choice);
}

} // namespace rmlx
