//! What can go wrong, sorted by kind.

use thiserror::Error as ThisError;

/// A failure in MLX or in this crate's own checks. The text is MLX's: 0-based and row-major.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// Shapes that do not fit each other or the operation.
    #[error("{0}")]
    Shape(String),
    /// An element type that the operation does not take.
    #[error("{0}")]
    Dtype(String),
    /// Memory that could not be had.
    #[error("{0}")]
    Memory(String),
    /// A device that is not there.
    #[error("{0}")]
    Device(String),
    /// An array whose value is asked for while its function is being compiled or vectorised.
    #[error("{0}")]
    Tracing(String),
    /// A file that is not what it should be, or that cannot be read or written. The text tells what is wrong with "it".
    #[error("{0}")]
    File(String),
    /// The user asked to stop; everything not yet computed can be computed later.
    #[error("interrupted")]
    Interrupted,
    /// A closure failed; what it said is in the caller's hands.
    #[error("the traced function failed")]
    Callback,
    /// Anything else.
    #[error("{0}")]
    Backend(String),
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl From<cxx::Exception> for Error {
    fn from(exception: cxx::Exception) -> Self {
        Self::sort(exception.what())
    }
}

/// Makes an error of one kind from its text.
type Kind = fn(String) -> Error;

/// Fragments of MLX's messages, and the kind each tells of; the first that occurs counts.
const KINDS: &[(&str, Kind)] = &[
    ("[eval] Interrupted", |_| Error::Interrupted),
    ("rmlx closure failed", |_| Error::Callback),
    ("during function transformations", Error::Tracing),
    ("without a primitive", Error::Tracing),
    ("Not allowed inside a graph transformation", Error::Tracing),
    ("[malloc", Error::Memory),
    ("Unable to allocate", Error::Memory),
    ("bad_alloc", Error::Memory),
    ("gpu backend", Error::Device),
    ("float64 is not supported on the GPU", Error::Device),
    ("broadcast", Error::Shape),
    ("shape", Error::Shape),
    ("dimension", Error::Shape),
    ("axis", Error::Shape),
    ("axes", Error::Shape),
    ("square matri", Error::Shape),
    ("Only inexact types", Error::Dtype),
    ("dtype", Error::Dtype),
    ("type", Error::Dtype),
    ("Not supported for", Error::Dtype),
];

impl Error {
    fn sort(text: &str) -> Self {
        KINDS
            .iter()
            .find(|(fragment, _)| text.contains(fragment))
            .map_or_else(|| Self::Backend(text.into()), |(_, kind)| kind(text.into()))
    }
}
