//! Failures on their way to R. Nothing is raised here: a failure is a value until the routine's end.

use crate::sys::{integers, list, string, vector, Protected, Result, SEXP, SEXPTYPE};
use mlx::Error;

/// Why a routine did not return a value.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A condition to signal.
    Condition(Box<Condition>),
    /// R wanted to jump: an error, interrupt or restart in R code that we called. It goes on at the routine's end.
    Jump,
}

/// A condition of class `mlx_error_<class>`, in an R user's terms.
#[derive(Debug)]
pub(crate) struct Condition {
    class: &'static str,
    message: String,
    fields: Vec<(&'static str, Field)>,
}

/// A data field of a condition.
#[derive(Debug)]
pub(crate) enum Field {
    Text(String),
    Ints(Vec<i32>),
    Shapes(Vec<Vec<i32>>),
}

impl Failure {
    pub(crate) fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self::Condition(Box::new(Condition { class, message: message.into(), fields: Vec::new() }))
    }

    /// Adds a data field.
    pub(crate) fn with(mut self, name: &'static str, field: Field) -> Self {
        if let Self::Condition(condition) = &mut self {
            condition.fields.push((name, field));
        }
        self
    }

    /// A wrong type or value of an argument.
    pub(crate) fn argument(arg: &str, message: impl Into<String>) -> Self {
        Self::new("argument", message).with("arg", Field::Text(arg.into()))
    }

    /// Shapes (R's) that do not fit.
    pub(crate) fn shape(op: &str, message: impl Into<String>, shapes: &[&[i32]]) -> Self {
        let shapes = shapes.iter().map(|shape| shape.to_vec()).collect();
        Self::new("shape", message).with("op", Field::Text(op.into())).with("shapes", Field::Shapes(shapes))
    }

    /// An element type that does not serve.
    pub(crate) fn dtype(op: &str, message: impl Into<String>, dtype: &str) -> Self {
        Self::new("dtype", message).with("op", Field::Text(op.into())).with("dtype", Field::Text(dtype.into()))
    }

    /// Our own bug.
    pub(crate) fn internal(what: &str) -> Self {
        let message = format!("Rmlx has met a bug of its own: {what}. Please report it.");
        Self::new("internal", message).with("what", Field::Text(what.into()))
    }

    /// What the condition says; empty for a jump.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Condition(condition) => &condition.message,
            Self::Jump => "",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Interrupted => Self::Jump,
            Error::Shape(_) => Self::new("shape", text),
            Error::Dtype(_) => Self::new("dtype", text),
            Error::Memory(_) => Self::new("device", format!("Not enough memory: {}", plain(&text))),
            Error::Device(_) => Self::new("device", text),
            Error::Tracing(_) if !crate::trace::is_running() => Self::new(
                "trace",
                "This array stands for a value inside a function that was compiled or vectorised: it was kept outside when \
                 that function was traced, and has no values. Let the function return it.",
            ),
            Error::Tracing(_) => Self::new(
                "trace",
                "The values of an array cannot be read while its function is being traced: no printing, as.matrix(), \
                 as.numeric() or if () on arrays inside mlx_compile(), mlx_vmap() and the like.",
            ),
            Error::Callback => crate::closure::reason(),
            Error::File(_) => Self::new("io", text),
            Error::Backend(_) => Self::new("backend", text.clone()).with("what", Field::Text(text)),
        }
    }
}

/// MLX's text without the name of its function in brackets.
fn plain(text: &str) -> &str {
    text.split_once("] ").map_or(text, |(_, rest)| rest)
}

impl Condition {
    /// The list that `raise_failure()` in R takes: class, message, fields.
    pub(crate) fn to_r(&self) -> Result<SEXP> {
        let class = Protected::new(string(self.class)?);
        let message = Protected::new(string(&self.message)?);
        let fields = Protected::new(vector(SEXPTYPE::VECSXP, self.fields.len())?);
        for (i, (_, field)) in self.fields.iter().enumerate() {
            let value = field.to_r()?;
            // SAFETY: the list is guarded and longer than i.
            unsafe { crate::sys::SET_VECTOR_ELT(fields.sexp(), i as isize, value) };
        }
        let names: Vec<String> = self.fields.iter().map(|(name, _)| (*name).to_string()).collect();
        let names = Protected::new(crate::sys::strings(&names)?);
        list(&[class.sexp(), message.sexp(), fields.sexp(), names.sexp()], None)
    }
}

impl Field {
    fn to_r(&self) -> Result<SEXP> {
        match self {
            Self::Text(text) => string(text),
            Self::Ints(values) => integers(values),
            Self::Shapes(shapes) => {
                let out = Protected::new(vector(SEXPTYPE::VECSXP, shapes.len())?);
                for (i, shape) in shapes.iter().enumerate() {
                    let value = integers(shape)?;
                    // SAFETY: the list is guarded and longer than i.
                    unsafe { crate::sys::SET_VECTOR_ELT(out.sexp(), i as isize, value) };
                }
                Ok(out.sexp())
            }
        }
    }
}

/// `3 x 4`, as R users write a shape.
pub(crate) fn shown(shape: &[i32]) -> String {
    match shape {
        [] => "a scalar".into(),
        [n] => format!("length {n}"),
        sides => sides.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x "),
    }
}
