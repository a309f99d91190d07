//! Builds MLX (or finds one), generates the operation table, and compiles the C++ shim.

#[path = "build/blas.rs"]
mod blas;
#[path = "build/cache.rs"]
mod cache;
#[path = "build/edits.rs"]
mod edits;
#[path = "build/library.rs"]
mod library;
#[path = "build/progress.rs"]
mod progress;
#[path = "build/sources.rs"]
mod sources;
#[path = "build/table.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The failure of a build step, as a text for the person who installs.
pub type Result<T> = std::result::Result<T, String>;

/// Where a usable MLX lies, and how to link it.
pub struct Mlx {
    /// Folder that holds `mlx/mlx.h`.
    pub include: PathBuf,
    /// Folder that holds the libraries.
    pub lib: PathBuf,
    /// Built here as a static library, or an existing shared one.
    pub is_static: bool,
}

fn main() {
    if let Err(message) = run() {
        eprintln!("\nRmlx: {message}\n");
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    for variable in
        ["MLX_PREFIX", "RMLX_CACHE", "RMLX_CUDA", "RMLX_METAL", "RMLX_WIDE", "RMLX_LINK_DIR", "CXX", "CXXFLAGS"]
    {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    for folder in ["build.rs", "build", "cpp"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let out = PathBuf::from(required("OUT_DIR")?);
    let mlx = match env::var_os("MLX_PREFIX").filter(|p| !p.is_empty()) {
        Some(prefix) => library::existing(Path::new(&prefix))?,
        None => library::build(&out)?,
    };
    table::generate(Path::new("cpp/ops.table"), &out)?;
    compile_shim(&mlx, &out)?;
    let flags = link(&mlx)?;
    report(&mlx, &flags, &out)
}

/// Reads an environment variable that cargo always sets.
pub fn required(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set; build with cargo"))
}

/// Every C++ file in `cpp/`.
fn shim_sources() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir("cpp").map_err(|e| format!("cannot list cpp: {e}"))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "cc"));
    files.sort();
    Ok(files)
}

fn compile_shim(mlx: &Mlx, out: &Path) -> Result<()> {
    let mut build = cxx_build::bridge("src/bridge.rs");
    build
        .files(shim_sources()?)
        .include("cpp")
        .include(out)
        .include(&mlx.include)
        .std("c++20")
        .flag_if_supported("-Wno-unused-parameter")
        .flag_if_supported("-Wno-deprecated-declarations");
    if mlx.is_static {
        build.define("MLX_STATIC", None);
        if library::wide() {
            build.define("RMLX_WIDE", None);
        }
    }
    build.compile("rmlx_shim");
    Ok(())
}

/// Tells rustc (for this crate's own tests) what to link, and returns the same as linker flags.
fn link(mlx: &Mlx) -> Result<String> {
    let mut flags = Vec::new();
    println!("cargo:rustc-link-search=native={}", mlx.lib.display());
    if mlx.is_static {
        println!("cargo:rustc-link-lib=static=mlx");
        println!("cargo:rustc-link-lib=static=gguflib");
        flags.extend(library::system_flags()?);
    } else {
        println!("cargo:rustc-link-lib=dylib=mlx");
        let lib = mlx.lib.display();
        println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
        flags.push(format!("-L{lib} -lmlx -Wl,-rpath,{lib}"));
    }
    for flag in flags.iter().flat_map(|f| f.split_whitespace()) {
        if let Some(name) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={name}");
        } else if let Some(folder) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        }
    }
    Ok(flags.join(" "))
}

/// Leaves the linker flags and the include folder for R's Makevars, which links the package.
fn report(mlx: &Mlx, flags: &str, out: &Path) -> Result<()> {
    let folder = env::var_os("RMLX_LINK_DIR").map_or_else(|| out.to_path_buf(), PathBuf::from);
    let include = mlx.include.display().to_string();
    for (name, text) in [("link-flags", flags), ("mlx-include", &include)] {
        let file = folder.join(name);
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|e| format!("cannot write {}: {e}", file.display()))?;
        println!("cargo:rerun-if-changed={}", file.display());
    }
    Ok(())
}
