//! Builds MLX with cmake, or checks one that is there already.

use crate::sources::{Carriers, Sources};
use crate::{blas, cache, edits, progress, Mlx, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What a wide build hands to the compiler.
const WIDE_FLAGS: &str = "-mavx2 -mfma -mf16c -mbmi -mbmi2 -DRMLX_WIDE";

/// Uses an installed MLX: a prefix with `include/mlx/mlx.h` and a library (Homebrew, or the folder `mlx` of a wheel).
pub fn existing(prefix: &Path) -> Result<Mlx> {
    let include = prefix.join("include");
    if !include.join("mlx/mlx.h").exists() {
        return Err(format!("MLX_PREFIX={} holds no include/mlx/mlx.h", prefix.display()));
    }
    let named = |folder: &&PathBuf| ["libmlx.so", "libmlx.dylib"].iter().any(|file| folder.join(file).exists());
    let folders = ["lib", "lib64", "."].map(|sub| prefix.join(sub));
    let lib = folders
        .iter()
        .find(named)
        .ok_or_else(|| format!("MLX_PREFIX={} holds no libmlx.so or libmlx.dylib", prefix.display()))?;
    Ok(Mlx { include, lib: lib.clone(), is_static: false })
}

/// Returns MLX from the cache, or builds it there. The build goes to a folder of its own that is renamed at the end,
/// so that neither a broken build nor two at once leave a half-made entry.
pub fn build(out: &Path) -> Result<Mlx> {
    let carriers = Carriers::find()?;
    let version = carriers.version()?;
    let root = cache::root(out);
    let entry = root.join(cache::key(&version, &options()));
    if !entry.join("lib/libmlx.a").exists() {
        progress::say(&format!("Rmlx: building MLX {version} (about 4 minutes on two cores)"));
        let work = root.join(format!("tmp-{}", std::process::id()));
        compile(&carriers, &work)?;
        let installed = work.join("install");
        match fs::rename(&installed, &entry) {
            Ok(()) => {}
            Err(_) if entry.join("lib/libmlx.a").exists() => {}
            Err(e) => return Err(format!("cannot move MLX to {}: {e}", entry.display())),
        }
        // the sources and object files are of no further use; a leftover only costs room
        let _ = fs::remove_dir_all(&work);
        progress::say(&format!("Rmlx: MLX {version} is ready in {}", entry.display()));
    } else {
        progress::say(&format!("Rmlx: using MLX {version} from {}", entry.display()));
    }
    Ok(Mlx { include: entry.join("include"), lib: entry.join("lib"), is_static: true })
}

fn compile(carriers: &Carriers, work: &Path) -> Result<()> {
    let sources = carriers.unpack(&work.join("src"))?;
    edits::apply(&sources.mlx)?;
    let watch = progress::Progress::watch(&work.join("build"));
    let mut config = cmake::Config::new(&sources.mlx);
    config.profile("Release").out_dir(work);
    if wide() {
        // not -march, since a later one takes it back; the elements of vectors are reached through pointers of other types
        for flag in WIDE_FLAGS.split(' ').chain(["-fno-strict-aliasing"]) {
            config.cxxflag(flag);
        }
    }
    for (name, value) in options().iter().chain(&source_options(&sources)) {
        config.define(name, value);
    }
    config.define("CMAKE_INSTALL_PREFIX", work.join("install"));
    config.define("CMAKE_INSTALL_LIBDIR", "lib");
    config.build();
    drop(watch);
    let install = work.join("install");
    let reader = find(&work.join("build"), "libgguflib.a").ok_or("libgguflib.a was not built")?;
    fs::copy(reader, install.join("lib/libgguflib.a")).map_err(|e| format!("cannot copy libgguflib.a: {e}"))?;
    fs::copy(sources.mlx.join("LICENSE"), install.join("LICENSE")).map_err(|e| format!("cannot copy LICENSE: {e}"))?;
    Ok(())
}

/// The options that shape the library; part of the cache's key.
fn options() -> Vec<(String, String)> {
    let on = |flag: bool| if flag { "ON" } else { "OFF" }.to_string();
    let mut options: Vec<(String, String)> = [
        ("MLX_BUILD_METAL", on(metal())),
        ("MLX_BUILD_CUDA", on(cuda())),
        ("MLX_BUILD_GGUF", on(true)),
        ("MLX_BUILD_SAFETENSORS", on(true)),
        ("MLX_BUILD_TESTS", on(false)),
        ("MLX_BUILD_EXAMPLES", on(false)),
        ("MLX_BUILD_BENCHMARKS", on(false)),
        ("MLX_BUILD_PYTHON_BINDINGS", on(false)),
        ("BUILD_SHARED_LIBS", on(false)),
        ("CMAKE_POSITION_INDEPENDENT_CODE", on(true)),
        // MLX's CUDA backend needs four more libraries, which no crate carries
        ("FETCHCONTENT_FULLY_DISCONNECTED", on(!cuda())),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .to_vec();
    if wide() {
        // also makes the key of a wide build another one
        options.push(("PREAMBLE_SIMD_FLAGS".into(), WIDE_FLAGS.into()));
    }
    if cuda() {
        let architectures = env::var("RMLX_CUDA_ARCHITECTURES").unwrap_or_else(|_| "native".into());
        options.push(("MLX_CUDA_ARCHITECTURES".into(), architectures));
    }
    options
}

fn source_options(sources: &Sources) -> Vec<(String, String)> {
    [("JSON", &sources.json), ("FMT", &sources.fmt), ("GGUFLIB", &sources.gguflib), ("METAL_CPP", &sources.metal_cpp)]
        .map(|(name, folder)| (format!("FETCHCONTENT_SOURCE_DIR_{name}"), folder.display().to_string()))
        .to_vec()
}

/// Metal needs an Apple silicon Mac with Xcode's Metal compiler; `RMLX_METAL=no` leaves it out.
fn metal() -> bool {
    let asked = env::var("RMLX_METAL").map_or(true, |v| v != "no");
    let has_compiler = || {
        Command::new("xcrun")
            .args(["-sdk", "macosx", "metal", "--version"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    asked && cfg!(all(target_os = "macos", target_arch = "aarch64")) && has_compiler()
}

/// CUDA is built only when asked for: `configure --with-cuda` sets `RMLX_CUDA=yes` after it found nvcc.
fn cuda() -> bool {
    env::var("RMLX_CUDA").is_ok_and(|v| v == "yes")
}

/// Kernels of 256-bit vectors, for x86-64 processors with AVX2: `configure` sets `RMLX_WIDE=yes` where it finds one.
pub fn wide() -> bool {
    env::var("RMLX_WIDE").is_ok_and(|v| v == "yes") && cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

/// What MLX's static library needs from the system, as linker flags.
pub fn system_flags() -> Result<Vec<String>> {
    if cfg!(target_os = "macos") {
        let mut flags = vec!["-framework Accelerate".to_string()];
        if metal() {
            flags.push("-framework Metal -framework Foundation -framework QuartzCore".into());
        }
        return Ok(flags);
    }
    let mut flags = vec![blas::flags()?, "-ldl -lpthread".into()];
    if wide() {
        // the C library's functions of vectors; and a library so marked is refused, with a message, where AVX2 is missing
        flags.push("-lm -Wl,-z,x86-64-v3".into());
    }
    if cuda() {
        flags.push(cuda_flags());
    }
    Ok(flags)
}

/// The toolkit's libraries lie beside the folder of its compiler, which configure names in `CUDACXX`.
fn cuda_flags() -> String {
    let libraries = "-lcudart -lcublasLt -lcufft -lnvrtc -lcuda -lcudnn";
    let compiler = env::var("CUDACXX").unwrap_or_default();
    match Path::new(&compiler).ancestors().nth(2).map(|home| home.join("lib64")) {
        Some(folder) if folder.is_dir() => format!("-L{0} -L{0}/stubs {libraries}", folder.display()),
        _ => libraries.into(),
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).collect();
    entries
        .iter()
        .find(|path| path.ends_with(name))
        .cloned()
        .or_else(|| entries.iter().filter(|p| p.is_dir()).find_map(|p| find(p, name)))
}
