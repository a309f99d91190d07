//! Finds the third-party source that cargo fetched, and unpacks a private copy of it.

use crate::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The unpacked sources that MLX's CMake needs.
pub struct Sources {
    /// MLX itself, edited.
    pub mlx: PathBuf,
    /// The GGUF reader.
    pub gguflib: PathBuf,
    /// nlohmann/json.
    pub json: PathBuf,
    /// fmt.
    pub fmt: PathBuf,
    /// Apple's C++ headers for Metal.
    pub metal_cpp: PathBuf,
}

/// Folders of the two packages that carry source.
pub struct Carriers {
    mlx: PathBuf,
    archives: PathBuf,
}

impl Carriers {
    /// Asks cargo, offline, where the packages lie.
    pub fn find() -> Result<Self> {
        let cargo = crate::required("CARGO")?;
        let output = Command::new(cargo)
            .args(["metadata", "--offline", "--format-version", "1"])
            .output()
            .map_err(|e| format!("cannot run cargo metadata: {e}"))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo metadata failed: {text}"));
        }
        let json = String::from_utf8_lossy(&output.stdout);
        Ok(Self {
            mlx: package(&json, "mlxrs-sys")?.join("vendor"),
            archives: package(&json, "safemlx-sys")?.join("vendor"),
        })
    }

    /// The version of MLX carried, from its header.
    pub fn version(&self) -> Result<String> {
        let header = read(&self.mlx.join("mlx/mlx/version.h"))?;
        let part = |name: &str| {
            header
                .lines()
                .find_map(|line| line.strip_prefix(&format!("#define MLX_VERSION_{name} ")))
                .map(str::trim)
                .ok_or_else(|| format!("version.h does not define MLX_VERSION_{name}"))
        };
        Ok(format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?))
    }

    /// Copies and unpacks everything below `folder`.
    pub fn unpack(&self, folder: &Path) -> Result<Sources> {
        let mlx = folder.join("mlx");
        for entry in ["CMakeLists.txt", "mlx.pc.in", "LICENSE", "cmake", "mlx"] {
            copy(&self.mlx.join("mlx").join(entry), &mlx.join(entry))?;
        }
        let gguflib = folder.join("gguflib");
        copy(&self.mlx.join("gguflib"), &gguflib)?;
        Ok(Sources {
            mlx,
            gguflib,
            json: self.extract("json-v3.11.3.tar.xz", folder)?,
            fmt: self.extract("fmt-12.1.0.tar.gz", folder)?,
            metal_cpp: self.extract("metal-cpp-26.zip", folder)?,
        })
    }

    /// Unpacks one archive with cmake (no tar, xz or unzip needed) and returns its only folder.
    fn extract(&self, archive: &str, folder: &Path) -> Result<PathBuf> {
        let target = folder.join(archive).with_extension("d");
        fs::create_dir_all(&target).map_err(|e| format!("cannot make {}: {e}", target.display()))?;
        let status = Command::new("cmake")
            .args(["-E", "tar", "xf"])
            .arg(self.archives.join(archive))
            .current_dir(&target)
            .status()
            .map_err(|e| format!("cannot run cmake: {e}"))?;
        if !status.success() {
            return Err(format!("cannot unpack {archive}"));
        }
        let mut folders = fs::read_dir(&target)
            .map_err(|e| format!("cannot read {}: {e}", target.display()))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir() && !path.ends_with("__MACOSX"));
        folders.next().ok_or_else(|| format!("{archive} holds no folder"))
    }
}

/// Reads a text file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))
}

/// Picks a package's folder out of `cargo metadata`'s JSON.
fn package(json: &str, name: &str) -> Result<PathBuf> {
    json.split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|manifest| PathBuf::from(manifest.replace("\\\\", "\\")))
        .filter_map(|manifest| manifest.parent().map(Path::to_path_buf))
        .find(|folder| folder.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name)))
        .ok_or_else(|| format!("the package {name} was not fetched; run `cargo fetch` in src/rust"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let fail = |e| format!("cannot copy {} to {}: {e}", from.display(), to.display());
    if !from.is_dir() {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        return fs::copy(from, to).map(drop).map_err(fail);
    }
    fs::create_dir_all(to).map_err(fail)?;
    for entry in fs::read_dir(from).map_err(fail)?.flatten() {
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
