//! Finds a BLAS and LAPACK to link, by linking a small program against each candidate.

use crate::Result;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

const CANDIDATES: &[&str] =
    &["-lopenblas", "-lopenblas -llapack", "-lflexiblas", "-llapack -lcblas -lblas", "-llapack -lblas"];

const PROGRAM: &str = "void cblas_sgemm(void); void sgesdd_(void); void dpotrf_(void);\n\
    int main(int argc, char **argv) { if (argc > 9) { cblas_sgemm(); sgesdd_(); dpotrf_(); } return 0; }\n";

/// Linker flags for a BLAS with the C interface and a LAPACK; `RMLX_BLAS_LIBS` overrides the search.
pub fn flags() -> Result<String> {
    println!("cargo:rerun-if-env-changed=RMLX_BLAS_LIBS");
    if let Some(given) = env::var("RMLX_BLAS_LIBS").ok().filter(|f| !f.is_empty()) {
        return Ok(given);
    }
    let folder = crate::required("OUT_DIR")?;
    let source = Path::new(&folder).join("blas.c");
    fs::write(&source, PROGRAM).map_err(|e| format!("cannot write {}: {e}", source.display()))?;
    CANDIDATES.iter().find(|flags| links(&source, flags)).map(|flags| (*flags).to_string()).ok_or_else(|| {
        format!(
            "no BLAS with LAPACK could be linked (tried {}). Install one: apt install libopenblas-dev liblapacke-dev, \
                 dnf install openblas-devel lapack-devel, or set RMLX_BLAS_LIBS",
            CANDIDATES.join("; ")
        )
    })
}

fn links(source: &Path, flags: &str) -> bool {
    Command::new(env::var("CC").unwrap_or_else(|_| "cc".into()))
        .arg(source)
        .arg("-o")
        .arg(source.with_extension("out"))
        .args(flags.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
