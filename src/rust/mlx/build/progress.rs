//! Shows how far a long build is. Cargo hides a build script's output, so Makevars hands over a copy of its own
//! standard error and its number in `RMLX_PROGRESS_FD`.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// MLX has about this many files to compile on a CPU build.
const FILES: usize = 120;

/// Prints a line now and then until dropped.
pub struct Progress {
    done: Arc<AtomicBool>,
}

impl Progress {
    /// Watches the object files that appear below `folder`.
    pub fn watch(folder: &Path) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        if let Some(mut out) = channel() {
            let (flag, folder) = (done.clone(), folder.to_path_buf());
            thread::spawn(move || report(&mut out, &flag, folder));
        }
        Self { done }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

/// Prints one line for the person who waits.
pub fn say(text: &str) {
    if let Some(mut out) = channel() {
        // a lost progress line harms nobody
        let _ = writeln!(out, "{text}");
    }
}

fn channel() -> Option<File> {
    let number = std::env::var("RMLX_PROGRESS_FD").ok()?;
    OpenOptions::new().append(true).open(format!("/dev/fd/{number}")).ok()
}

fn report(out: &mut File, done: &AtomicBool, folder: PathBuf) {
    let mut last = 0;
    loop {
        thread::sleep(Duration::from_secs(10));
        if done.load(Ordering::Relaxed) {
            return;
        }
        let now = objects(&folder);
        if now != last {
            let percent = (100 * now / FILES).min(99);
            let _ = writeln!(out, "   building MLX: {now} files compiled (about {percent} %)");
            last = now;
        }
    }
}

fn objects(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .map(|path| match path.extension() {
            _ if path.is_dir() => objects(&path),
            Some(extension) if extension == "o" => 1,
            _ => 0,
        })
        .sum()
}
