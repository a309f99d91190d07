//! The graph of operations behind arrays that are not computed yet, as text.

use crate::array::{pack, Array};
use crate::bridge::ffi;
use crate::dtype::Dtype;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// The graph behind some arrays, with a name for each array in it.
pub struct Graph {
    nodes: Vec<ffi::GraphNode>,
    outputs: Vec<u64>,
    names: HashMap<u64, String>,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("names", &self.names).finish_non_exhaustive()
    }
}

/// The names that MLX gives: A, B, ..., Z, AA, AB, ...
fn letters(mut number: usize) -> String {
    let mut out = Vec::new();
    while number > 0 {
        out.push(char::from(b'A' + ((number - 1) % 26) as u8));
        number = (number - 1) / 26;
    }
    out.iter().rev().collect()
}

impl Graph {
    /// The graph behind these arrays, of which those with a name keep it; the others are called A, B and so on.
    pub fn new(arrays: &[(String, &Array)]) -> Self {
        let nodes = ffi::graph_nodes(&pack(arrays.iter().map(|(_, array)| *array)));
        let mut graph = Self { nodes, outputs: Vec::new(), names: HashMap::new() };
        let mut taken = HashSet::new();
        for (name, array) in arrays {
            let id = ffi::array_id(&array.0);
            graph.outputs.push(id);
            if !name.is_empty() && !graph.names.contains_key(&id) && taken.insert(name.clone()) {
                graph.names.insert(id, name.clone());
            }
        }
        graph.name_others(&taken);
        graph
    }

    fn name_others(&mut self, taken: &HashSet<String>) {
        let mut free = (1..).map(letters).filter(|name| !taken.contains(name));
        for node in &self.nodes {
            for array in node.inputs.iter().chain(&node.outputs) {
                self.names.entry(array.id).or_insert_with(|| free.next().unwrap_or_default());
            }
        }
    }

    fn name(&self, id: u64) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    fn quoted(&self, id: u64) -> String {
        let escaped = self.name(id).replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
        format!("\"{escaped}\"")
    }

    /// The graph in Graphviz' language: operations are boxes, arrays ovals, as MLX draws them.
    pub fn dot(&self) -> String {
        let used: HashSet<u64> = self.nodes.iter().flat_map(|node| &node.inputs).map(|array| array.id).collect();
        let mut out = String::from("digraph {\n");
        for (i, node) in self.nodes.iter().enumerate() {
            if node.name.is_empty() {
                for array in &node.outputs {
                    let _ = writeln!(out, "{{ rank=source; {}; }}", self.quoted(array.id));
                }
                continue;
            }
            let _ = writeln!(out, "{{ {i} [label=\"{}\", shape=rectangle]; }}", node.name);
            for array in &node.inputs {
                let _ = writeln!(out, "{} -> {i}", self.quoted(array.id));
            }
            for array in &node.outputs {
                let rank = if used.contains(&array.id) { "" } else { "rank=sink; " };
                let name = self.quoted(array.id);
                let _ = writeln!(out, "{{ {rank}{name}; }}\n{i} -> {name}");
            }
        }
        out + "}\n"
    }

    fn described(&self, array: &ffi::GraphArray) -> String {
        let sides: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
        let dtype = Dtype::ALL.get(usize::from(array.dtype)).map_or("", |(_, name, _)| name);
        format!("{} [({}), {dtype}]", self.name(array.id), sides.join(","))
    }

    fn listed<'a>(&self, arrays: impl IntoIterator<Item = &'a ffi::GraphArray>) -> String {
        arrays.into_iter().map(|array| self.described(array)).collect::<Vec<_>>().join(", ")
    }

    /// One line for each operation, as MLX prints a graph.
    pub fn lines(&self) -> String {
        let leaves = self.nodes.iter().filter(|node| node.name.is_empty());
        let inputs = self.listed(leaves.flat_map(|node| &node.outputs));
        let all: HashMap<u64, &ffi::GraphArray> =
            self.nodes.iter().flat_map(|node| &node.outputs).map(|array| (array.id, array)).collect();
        let outputs = self.listed(self.outputs.iter().filter_map(|id| all.get(id).copied()));
        let mut out = format!("Inputs: {inputs}\nOutputs: {outputs}\n");
        for node in self.nodes.iter().filter(|node| !node.name.is_empty()) {
            let _ = writeln!(out, "{} {} -> {}", node.name, self.listed(&node.inputs), self.listed(&node.outputs));
        }
        out
    }
}
