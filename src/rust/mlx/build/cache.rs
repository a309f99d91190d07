//! Where a built MLX is kept between checkouts, and under which name.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user's cache folder for R packages (the one `tools::R_user_dir("Rmlx", "cache")` names), or a folder given in
/// `RMLX_CACHE`; `RMLX_CACHE=off` keeps everything in cargo's own folder.
pub fn root(out: &Path) -> PathBuf {
    match env::var("RMLX_CACHE").as_deref() {
        Ok("off") => return out.to_path_buf(),
        Ok(folder) if !folder.is_empty() => return PathBuf::from(folder),
        _ => {}
    }
    let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("R_USER_CACHE_DIR").or_else(|| set("XDG_CACHE_HOME")).or_else(|| {
        set("HOME").map(|home| match env::consts::OS {
            "macos" => home.join("Library/Caches/org.R-project.R"),
            _ => home.join(".cache"),
        })
    });
    base.map_or_else(|| out.to_path_buf(), |folder| folder.join("R/Rmlx/build"))
}

/// A name for one build: MLX's version and a hash of all that shapes the result.
pub fn key(version: &str, defines: &[(String, String)]) -> String {
    let mut hasher = DefaultHasher::new();
    defines.hash(&mut hasher);
    compiler().hash(&mut hasher);
    env::consts::ARCH.hash(&mut hasher);
    env::var("CXXFLAGS").ok().hash(&mut hasher);
    crate::edits::fingerprint(&mut hasher);
    format!("mlx-{version}-{:016x}", hasher.finish())
}

/// What the C++ compiler says of itself.
fn compiler() -> String {
    let name = env::var("CXX").unwrap_or_else(|_| "c++".into());
    let mut words = name.split_whitespace();
    Command::new(words.next().unwrap_or("c++"))
        .args(words)
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or(name)
}
