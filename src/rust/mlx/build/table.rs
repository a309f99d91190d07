//! Turns `cpp/ops.table` into a C++ switch for each family and a Rust enum for each family.

use crate::sources::read;
use crate::Result;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Arguments of each family's C++ function, after the operation's name.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("unary", "Unary", "x, place"),
    ("binary", "Binary", "x, y, place"),
    ("reduce", "Reduce", "x, axes, keepdims, place"),
    ("moment", "Moment", "x, axes, keepdims, ddof, place"),
    ("scan", "Scan", "x, axis, reverse, inclusive, place"),
];

/// Writes `ops_table.h` and `ops_table.rs` to `out`.
pub fn generate(table: &Path, out: &Path) -> Result<()> {
    let text = read(table)?;
    let mut families: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [family, name, function] = words[..] else {
            return Err(format!("ops.table: '{line}' is not 'family name function'"));
        };
        families.entry(family).or_default().push((name, function));
    }
    let (mut cpp, mut rust) = (String::new(), String::new());
    for (family, enumeration, arguments) in FAMILIES {
        let ops = families.remove(family).unwrap_or_default();
        cpp += &switch(family, &ops, arguments);
        rust += &enum_of(family, enumeration, &ops);
    }
    if let Some(unknown) = families.keys().next() {
        return Err(format!("ops.table: no family is called '{unknown}'"));
    }
    for (name, text) in [("ops_table.h", cpp), ("ops_table.rs", rust)] {
        fs::write(out.join(name), text).map_err(|e| format!("cannot write {name}: {e}"))?;
    }
    Ok(())
}

fn switch(family: &str, ops: &[(&str, &str)], arguments: &str) -> String {
    let mut text = format!("#define RMLX_{}_CASES \\\n", family.to_uppercase());
    for (index, (_, function)) in ops.iter().enumerate() {
        // writing to a String cannot fail
        let _ = writeln!(text, "  case {index}: return wrap(mx::{function}({arguments})); \\");
    }
    text + "\n"
}

fn enum_of(family: &str, enumeration: &str, ops: &[(&str, &str)]) -> String {
    let variants: Vec<(String, &str)> = ops.iter().map(|(name, _)| (camel(name), *name)).collect();
    let mut text = format!("/// The operations of the family `{family}`, from `cpp/ops.table`.\n");
    text += "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n#[repr(u8)]\n";
    let _ = writeln!(text, "pub enum {enumeration} {{");
    for (variant, name) in &variants {
        let _ = writeln!(text, "    /// `{name}`.\n    {variant},");
    }
    let _ = writeln!(text, "}}\nimpl {enumeration} {{\n    /// Every operation with its name.");
    let _ = writeln!(text, "    pub const ALL: &'static [(&'static str, Self)] = &[");
    for (variant, name) in &variants {
        let _ = writeln!(text, "        (\"{name}\", Self::{variant}),");
    }
    text + "    ];\n    /// Finds an operation by its name.\n    pub fn from_name(name: &str) -> Option<Self> {\n        \
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, op)| *op)\n    }\n}\n"
}

fn camel(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
