//! Small anchored edits of our private copy of MLX. Each names the text it replaces; an anchor that no longer
//! matches fails the build, so that a bump of MLX cannot drop one unnoticed.

#[path = "edits/evaluation.rs"]
mod evaluation;
#[path = "edits/functions.rs"]
mod functions;
#[path = "edits/fused.rs"]
mod fused;
#[path = "edits/layout.rs"]
mod layout;
#[path = "edits/transforms.rs"]
mod transforms;
#[path = "edits/values.rs"]
mod values;
#[path = "edits/vectors.rs"]
mod vectors;

use crate::sources::read;
use crate::Result;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

struct Edit {
    what: &'static str,
    file: &'static str,
    /// How often the anchor occurs; every place is edited.
    times: usize,
    anchor: &'static str,
    replacement: &'static str,
}

/// What the edits call; copied among MLX's own headers.
const ADDITIONS: &[(&str, &str)] = &[
    ("mlx/rmlx.h", include_str!("additions/rmlx.h")),
    ("mlx/fused.h", include_str!("additions/fused.h")),
    ("mlx/products.h", include_str!("additions/products.h")),
    ("mlx/aligned.h", include_str!("additions/aligned.h")),
    ("mlx/digits.h", include_str!("additions/digits.h")),
    ("mlx/layout.h", include_str!("additions/layout.h")),
    ("mlx/softmax.h", include_str!("additions/softmax.h")),
    ("mlx/reductions.h", include_str!("additions/reductions.h")),
    ("mlx/backend/cpu/simd/wide.h", include_str!("additions/wide.h")),
];

const EDITS: &[&[Edit]] = &[
    evaluation::EDITS,
    transforms::EDITS,
    values::EDITS,
    vectors::EDITS,
    layout::EDITS,
    fused::EDITS,
    functions::EDITS,
];

/// All that the edits change, for the key of the build cache.
pub fn fingerprint(hasher: &mut impl Hasher) {
    for (_, text) in ADDITIONS {
        text.hash(hasher);
    }
    for edit in EDITS.iter().copied().flatten() {
        (edit.file, edit.anchor, edit.replacement).hash(hasher);
    }
}

/// Applies every edit to the copy of MLX in `root`.
pub fn apply(root: &Path) -> Result<()> {
    let write =
        |file: &Path, text: &str| fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()));
    for (file, text) in ADDITIONS {
        write(&root.join(file), text)?;
    }
    for edit in EDITS.iter().copied().flatten() {
        let file = root.join(edit.file);
        let text = read(&file)?;
        if text.matches(edit.anchor).count() != edit.times {
            return Err(format!(
                "MLX's {} has changed: the edit '{}' (src/rust/mlx/build/edits/) no longer fits",
                edit.file, edit.what
            ));
        }
        write(&file, &text.replace(edit.anchor, edit.replacement))?;
    }
    Ok(())
}
