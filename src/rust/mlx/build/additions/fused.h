// Our own additions to MLX's fused CPU kernels, copied into the private copy of its source as mlx/fused.h.
#pragma once

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "mlx/backend/common/compiled.h"
#include "mlx/graph_utils.h"

namespace mlx::core::rmlx {

// Why a fused kernel could not be built; empty when all could.
inline std::string kernel_failure;

// The kernel of this name, or null when it cannot be built, now or before.
inline void* try_kernel(const std::string& name, const std::function<void*()>& build) {
  static std::unordered_set<std::string> failed;
  if (failed.count(name)) return nullptr;
  try {
    return build();
  } catch (const std::exception& error) {
    failed.insert(name);
    kernel_failure = error.what();
    return nullptr;
  }
}

// Does what a fused kernel would, one operation after the other. Returns the intermediate arrays, to be kept until the
// queued work is done.
inline std::vector<array> run_unfused(
    const std::vector<array>& traced_inputs,
    const std::vector<array>& traced_outputs,
    const std::vector<array>& tape,
    const std::vector<array>& inputs,
    std::vector<array>& outputs) {
  std::unordered_map<std::uintptr_t, array> real;
  bool same_shapes = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    real.insert({traced_inputs[i].id(), inputs[i]});
    same_shapes = same_shapes && traced_inputs[i].shape() == inputs[i].shape();
  }
  std::vector<array> made;
  for (auto& node : tape) {
    std::vector<array> arguments;
    for (auto& input : node.inputs()) arguments.push_back(real.at(input.id()));
    auto shape = same_shapes ? node.shape() : node.primitive().output_shapes(arguments)[0];
    std::vector<array> result{array(shape, node.dtype(), node.primitive_ptr(), arguments)};
    node.primitive().eval_cpu(arguments, result);
    result[0].set_status(array::Status::evaluated);
    real.insert({node.id(), result[0]});
    made.push_back(result[0]);
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].copy_shared_buffer(real.at(traced_outputs[i].id()));
  }
  return made;
}

// How many numbers of a type fill a register; none for types that only run one by one.
inline int lanes(Dtype dtype) {
#ifdef RMLX_WIDE
  if (dtype == complex64) return 1;
  if (dtype == float16 || dtype == bfloat16) return 8;
  return 32 / size_of(dtype);
#else
  return 1;
#endif
}

// Writes the innermost loop of a kernel as one that computes a register at a time; what is left over is for the loop over
// single numbers, which goes on where this one stops. `axis` is the innermost axis, or -1 when all memory is contiguous;
// along an axis each input must advance by 1 or stay, which the kernel looks at when it runs. Returns whether there is such
// a loop: not for complex numbers.
class WideLoop {
 public:
  WideLoop(
      std::ostream& os,
      NodeNamer& namer,
      const std::vector<array>& inputs,
      const std::vector<array>& outputs,
      const std::vector<array>& tape,
      const std::function<bool(size_t)>& is_constant,
      int axis)
      : os(os), namer(namer), inputs(inputs), outputs(outputs), tape(tape), is_constant(is_constant), axis(axis) {}

  bool write() {
    n = 32;
    for (auto* arrays : {&inputs, &tape}) {
      for (auto& x : *arrays) n = std::min(n, lanes(x.dtype()));
    }
    if (n == 1 || n == 32) return false;
    head();
    for (size_t k = 0; k < inputs.size(); ++k) read(k);
    for (auto& x : tape) compute(x);
    for (auto& x : outputs) os << "  store(" << memory(x) << ", " << name(x) << ");\n";
    if (axis >= 0) advance();
    os << "  }\n";
    return true;
  }

 private:
  std::ostream& os;
  NodeNamer& namer;
  const std::vector<array>& inputs;
  const std::vector<array>& outputs;
  const std::vector<array>& tape;
  const std::function<bool(size_t)>& is_constant;
  int axis;
  int n = 0;

  std::string name(const array& x) { return "tmp_" + namer.get_name(x); }
  std::string type(const array& x) { return get_type_string(x.dtype()) + ", " + std::to_string(n); }
  std::string memory(const array& x) { return namer.get_name(x) + (axis < 0 ? " + i" : ""); }
  std::string stride(const array& x) { return namer.get_name(x) + "_strides[" + std::to_string(axis) + "]"; }
  bool is_array(size_t k) { return !is_constant(k) && !is_scalar(inputs[k]); }

  void head() {
    if (axis < 0) {
      os << "  size_t i = 0;\n  for (; i + " << n << " <= size; i += " << n << ") {\n";
      return;
    }
    os << "  int i" << axis << " = 0;\n  const bool wide = true";
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (is_array(k)) os << " && (uint64_t)" << stride(inputs[k]) << " <= 1";
    }
    os << ";\n  for (; wide && i" << axis << " + " << n << " <= shape[" << axis << "]; i" << axis << " += " << n << ") {\n";
  }

  void read(size_t k) {
    auto& x = inputs[k];
    os << "  Simd<" << type(x) << "> " << name(x);
    if (is_constant(k)) {
      os << "(static_cast<" << get_type_string(x.dtype()) << ">(";
      print_constant(os, x);
      os << "));\n";
    } else if (is_scalar(x)) {
      os << "(" << namer.get_name(x) << "[0]);\n";
    } else if (axis < 0) {
      os << " = load<" << type(x) << ">(" << memory(x) << ");\n";
    } else {
      os << " = " << stride(x) << " ? load<" << type(x) << ">(" << memory(x) << ") : Simd<" << type(x) << ">(*" << memory(x)
         << ");\n";
    }
  }

  void compute(const array& x) {
    auto result = "Simd<" + type(x) + ">";
    os << "  " << result << " " << name(x) << " = "
       << (is_static_cast(x.primitive()) ? result : x.primitive().name() + std::string("()"));
    for (size_t k = 0; k < x.inputs().size(); ++k) os << (k ? ", " : "(") << name(x.inputs()[k]);
    os << ");\n";
  }

  void advance() {
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (is_array(k)) os << "  " << namer.get_name(inputs[k]) << " += " << n << " * " << stride(inputs[k]) << ";\n";
    }
    for (auto& x : outputs) os << "  " << namer.get_name(x) << " += " << n << ";\n";
  }
};

} // namespace mlx::core::rmlx
