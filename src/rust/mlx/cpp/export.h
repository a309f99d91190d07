// Writing traced functions to files, and the graph of an array as a list.
#pragma once

#include "array.h"
#include "transforms.h"

namespace rmlx {

struct ExportEvent;
struct GraphNode;

// The trace of a function: what it takes, and the arrays that it makes of it.
struct ExportTrace {
  std::vector<std::string> keywords;
  Arrays inputs;
  Arrays outputs;
  std::vector<mx::ExportCallbackInput> events;
};

class ExportFile {
 public:
  ExportFile(std::string path, bool shapeless, std::string metadata);
  void add(const ExportTrace& trace);

 private:
  const ExportTrace* current_ = nullptr;
  mx::FunctionExporter exporter_;
};

// Only the shapes and dtypes of `inputs` count; the last ones have these keywords. Throws where MLX cannot export.
std::unique_ptr<ExportTrace> export_trace(
    Closure& f, const Arrays& inputs, const rust::Vec<rust::String>& keywords, bool shapeless);
rust::Vec<ExportEvent> export_events(const ExportTrace& trace);
std::unique_ptr<Arrays> export_constants(const ExportTrace& trace);
std::unique_ptr<ExportFile> export_open(rust::Str path, bool shapeless, rust::Str metadata);
void export_add(ExportFile& file, const ExportTrace& trace);

// The operations that make these arrays, inputs first.
rust::Vec<GraphNode> graph_nodes(const Arrays& xs);
uint64_t array_id(const Array& x);

} // namespace rmlx
