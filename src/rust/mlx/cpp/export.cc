#include "export.h"

#include "mlx/primitives.h"
#include "mlx/src/bridge.rs.h"
#include "recipe.h"

namespace rmlx {

static mx::Args before_keywords(const Arrays& all, size_t keywords) {
  return mx::Args(all.begin(), all.end() - keywords);
}

static mx::Kwargs by_keyword(const Arrays& all, const std::vector<std::string>& keywords) {
  mx::Kwargs named;
  size_t first = all.size() - keywords.size();
  for (size_t i = 0; i < keywords.size(); ++i) named.insert({keywords[i], all[first + i]});
  return named;
}

// In the order of the trace: MLX hands keyword arguments over in its own.
static Arrays in_order(const mx::Args& args, const mx::Kwargs& named, const std::vector<std::string>& keywords) {
  Arrays all = args;
  for (auto& keyword : keywords) all.push_back(named.at(keyword));
  return all;
}

// Arrays that stand for arguments of another function have no values that could be written.
static void refuse_foreign(const ExportTrace& trace) {
  std::unordered_set<std::uintptr_t> own;
  for (auto& input : trace.inputs) own.insert(input.id());
  auto check = [&](const mx::array& x) {
    bool empty = !x.has_primitive() && x.status() == mx::array::Status::unscheduled;
    if (empty && own.count(x.id()) == 0) {
      throw std::invalid_argument("it uses an argument of another function that was or is being traced");
    }
  };
  std::unordered_set<std::uintptr_t> seen;
  inputs_first(trace.outputs, [&](auto& x) { return seen.insert(x.id()).second; }, check);
}

#ifdef MLX_STATIC
// MLX looks for a scan by its name, and has another one for logarithms of sums than the scan itself. A linked MLX does not
// let scans be told apart.
class NamedScan : public mx::Scan {
 public:
  using mx::Scan::Scan;
  const char* name() const override { return "Scan"; }
};

static const mx::Scan* as_scan(const mx::array& x) {
  return dynamic_cast<const mx::Scan*>(&x.primitive());
}

static std::shared_ptr<mx::Primitive> exportable(const mx::array& x) {
  auto scan = as_scan(x);
  if (!scan) return x.primitive_ptr();
  auto [type, axis, reverse, inclusive] = scan->state();
  return std::make_shared<NamedScan>(x.primitive().stream(), type, axis, reverse, inclusive);
}
#else
static bool as_scan(const mx::array&) {
  return false;
}

static std::shared_ptr<mx::Primitive> exportable(const mx::array& x) {
  return x.primitive_ptr();
}
#endif

// The results of an operation on other inputs.
static Arrays remade(const mx::array& x, Arrays inputs) {
  auto outputs = x.outputs();
  if (outputs.size() == 1) return {mx::array(x.shape(), x.dtype(), exportable(x), std::move(inputs))};
  std::vector<mx::Shape> shapes;
  std::vector<mx::Dtype> dtypes;
  for (auto& output : outputs) {
    shapes.push_back(output.shape());
    dtypes.push_back(output.dtype());
  }
  return mx::array::make_arrays(std::move(shapes), dtypes, x.primitive_ptr(), std::move(inputs));
}

// Nodes that MLX does not export, and whose results are their last inputs: they hold a derivative of our own, or change how
// elements lie in memory.
static bool is_wrapper(const mx::array& x) {
  std::string name = x.primitive().name();
  return name == "CustomTransforms" || name == "Contiguous";
}

// The graph with nothing but operations that MLX exports, as far as that can be.
static Arrays plain(const Arrays& outputs) {
  std::unordered_map<std::uintptr_t, mx::array> made;
  auto visit = [&](const mx::array& x) {
    if (!x.has_primitive() || made.count(x.id()) > 0) return;
    auto old = x.outputs();
    Arrays inputs;
    bool same = !as_scan(x);
    for (auto& input : x.inputs()) {
      auto found = made.find(input.id());
      inputs.push_back(found == made.end() ? input : found->second);
      same = same && inputs.back().id() == input.id();
    }
    bool wrapper = is_wrapper(x);
    if (same && !wrapper) return;
    auto results = wrapper ? Arrays(inputs.end() - old.size(), inputs.end()) : remade(x, std::move(inputs));
    for (size_t i = 0; i < old.size(); ++i) made.insert({old[i].id(), results[i]});
  };
  std::unordered_set<std::uintptr_t> seen;
  inputs_first(outputs, [&](auto& x) { return seen.insert(x.id()).second; }, visit);
  Arrays out;
  for (auto& x : outputs) {
    auto found = made.find(x.id());
    out.push_back(found == made.end() ? x : found->second);
  }
  return out;
}

std::unique_ptr<ExportTrace> export_trace(
    Closure& f, const Arrays& inputs, const rust::Vec<rust::String>& keywords, bool shapeless) {
  auto trace = std::make_unique<ExportTrace>();
  for (auto& keyword : keywords) trace->keywords.emplace_back(keyword);
  // arrays of their own, so that the function may use those that it was given as examples
  Arrays examples;
  for (auto& x : inputs) examples.emplace_back(x.shape(), x.dtype(), nullptr, Arrays{});
  auto function = [&](const mx::Args& args, const mx::Kwargs& named) {
    trace->inputs = in_order(args, named, trace->keywords);
    trace->outputs = plain(call(f, trace->inputs));
    refuse_foreign(*trace);
    return trace->outputs;
  };
  auto note = [&](const mx::ExportCallbackInput& event) { trace->events.push_back(event); };
  mx::export_function(
      mx::ExportCallback(note),
      function,
      before_keywords(examples, keywords.size()),
      by_keyword(examples, trace->keywords),
      shapeless);
  return trace;
}

// MLX writes the memory of a constant as it lies there.
static mx::array laid_by_rows(mx::array x) {
  x.wait();
  if (x.flags().row_contiguous && x.data_size() == x.size()) return x;
  auto copy = mx::contiguous(x, false, x.dtype() == mx::float64 ? mx::Device::cpu : mx::default_device());
  copy.eval();
  return copy;
}

// The trace once more, on other inputs.
static Arrays replay(const ExportTrace& trace, const Arrays& inputs) {
  std::unordered_map<std::uintptr_t, mx::array> made;
  for (size_t i = 0; i < inputs.size(); ++i) made.insert({trace.inputs[i].id(), inputs[i]});
  auto visit = [&](const mx::array& x) {
    if (made.count(x.id()) > 0) return;
    if (!x.has_primitive()) {
      made.insert({x.id(), laid_by_rows(x)});
      return;
    }
    Arrays arguments;
    for (auto& input : x.inputs()) arguments.push_back(made.at(input.id()));
    auto old = x.outputs(), results = remade(x, std::move(arguments));
    for (size_t i = 0; i < old.size(); ++i) made.insert({old[i].id(), results[i]});
  };
  std::unordered_set<std::uintptr_t> seen;
  inputs_first(trace.outputs, [&](auto& x) { return seen.insert(x.id()).second; }, visit);
  Arrays outputs;
  for (auto& x : trace.outputs) outputs.push_back(made.at(x.id()));
  return outputs;
}

ExportFile::ExportFile(std::string path, bool shapeless, std::string metadata)
    : exporter_(mx::exporter(
          path,
          [this](const mx::Args& args, const mx::Kwargs& named) {
            return replay(*current_, in_order(args, named, current_->keywords));
          },
          shapeless,
          metadata)) {}

void ExportFile::add(const ExportTrace& trace) {
  current_ = &trace;
  Arrays examples;
  for (auto& x : trace.inputs) examples.emplace_back(x.shape(), x.dtype(), nullptr, Arrays{});
  exporter_(before_keywords(examples, trace.keywords.size()), by_keyword(examples, trace.keywords));
}

std::unique_ptr<ExportFile> export_open(rust::Str path, bool shapeless, rust::Str metadata) {
  return std::make_unique<ExportFile>(std::string(path), shapeless, std::string(metadata));
}

void export_add(ExportFile& file, const ExportTrace& trace) {
  file.add(trace);
}

using Named = std::vector<std::tuple<std::string, mx::Shape, mx::Dtype>>;
using NamedArrays = std::vector<std::pair<std::string, mx::array>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

static rust::Vec<ExportArray> described(const Named& arrays) {
  rust::Vec<ExportArray> out;
  for (auto& [name, shape, dtype] : arrays) {
    ExportArray one{name, {}, static_cast<uint8_t>(dtype.val())};
    for (int side : shape) one.shape.push_back(side);
    out.push_back(std::move(one));
  }
  return out;
}

// One field of an operation's state: its kind (`b` truth values, `i` whole numbers, `f` numbers, `t` an element type, `s`
// text) and its values.
static ExportState state_of(const mx::StateT& state) {
  ExportState out{0, {}, ""};
  auto fill = [&](char kind, const auto& values) {
    out.kind = kind;
    for (auto value : values) out.numbers.push_back(static_cast<double>(value));
  };
  std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, bool>) fill('b', std::vector<double>{x ? 1.0 : 0.0});
        else if constexpr (std::is_integral_v<T>) fill('i', std::vector<T>{x});
        else if constexpr (std::is_floating_point_v<T>) fill('f', std::vector<T>{x});
        else if constexpr (std::is_same_v<T, mx::Dtype>) fill('t', std::vector<int>{static_cast<int>(x.val())});
        else if constexpr (std::is_same_v<T, std::string>) out = {'s', {}, x};
        else if constexpr (std::is_same_v<T, std::optional<float>>) fill('f', std::vector<float>(x ? 1 : 0, x.value_or(0)));
        else if constexpr (std::is_same_v<T, std::vector<std::tuple<bool, bool, bool>>>) {
          std::vector<int> all;
          for (auto& [a, b, c] : x) all.insert(all.end(), {a, b, c});
          fill('b', all);
        } else if constexpr (std::is_same_v<T, std::vector<std::variant<bool, int, float>>>) {
          std::vector<double> all;
          for (auto& one : x) all.push_back(std::visit([](auto v) { return static_cast<double>(v); }, one));
          fill('f', all);
        } else fill('i', x);
      },
      state);
  return out;
}

rust::Vec<ExportEvent> export_events(const ExportTrace& trace) {
  rust::Vec<ExportEvent> out;
  for (auto& event : trace.events) {
    ExportEvent one{std::get<std::string>(event.at("type")), "", {}, {}, {}, {}, {}};
    for (auto& [key, value] : event) {
      if (key == "name") one.name = std::get<std::string>(value);
      if (key == "inputs") one.inputs = described(std::get<Named>(value));
      if (key == "outputs") one.outputs = described(std::get<Named>(value));
      if (key == "keywords") {
        for (auto& [keyword, name] : std::get<Pairs>(value)) {
          one.keys.push_back(keyword);
          one.names.push_back(name);
        }
      }
      if (key == "constants") {
        for (auto& constant : std::get<NamedArrays>(value)) one.names.push_back(constant.first);
      }
      if (key == "arguments") {
        for (auto& state : std::get<std::vector<mx::StateT>>(value)) one.arguments.push_back(state_of(state));
      }
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::unique_ptr<Arrays> export_constants(const ExportTrace& trace) {
  auto out = std::make_unique<Arrays>();
  for (auto& event : trace.events) {
    auto found = event.find("constants");
    if (found == event.end()) continue;
    for (auto& constant : std::get<NamedArrays>(found->second)) out->push_back(constant.second);
  }
  return out;
}

static GraphArray graph_array(const mx::array& x) {
  GraphArray out{x.id(), {}, static_cast<uint8_t>(x.dtype().val())};
  for (int side : x.shape()) out.shape.push_back(side);
  return out;
}

rust::Vec<GraphNode> graph_nodes(const Arrays& xs) {
  rust::Vec<GraphNode> out;
  std::unordered_set<std::uintptr_t> seen;
  auto enter = [&](const mx::array& x) {
    if (!seen.insert(x.id()).second) return false;
    for (auto& sibling : x.siblings()) seen.insert(sibling.id());
    return true;
  };
  auto visit = [&](const mx::array& x) {
    GraphNode node{x.has_primitive() ? x.primitive().name() : "", {}, {}};
    for (auto& input : x.inputs()) node.inputs.push_back(graph_array(input));
    for (auto& output : x.outputs()) node.outputs.push_back(graph_array(output));
    out.push_back(std::move(node));
  };
  inputs_first(xs, enter, visit);
  return out;
}

uint64_t array_id(const Array& x) {
  return x.id();
}

} // namespace rmlx
