//! The element types of arrays.

use half::{bf16, f16};

/// The type of an array's elements, in MLX's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Dtype {
    /// `true` or `false`, one byte.
    Bool,
    /// Unsigned, 8 bits.
    Uint8,
    /// Unsigned, 16 bits.
    Uint16,
    /// Unsigned, 32 bits.
    Uint32,
    /// Unsigned, 64 bits.
    Uint64,
    /// Signed, 8 bits.
    Int8,
    /// Signed, 16 bits.
    Int16,
    /// Signed, 32 bits.
    Int32,
    /// Signed, 64 bits.
    Int64,
    /// IEEE half precision.
    Float16,
    /// IEEE single precision.
    Float32,
    /// IEEE double precision; on the CPU only.
    Float64,
    /// Brain float: the upper half of a single.
    Bfloat16,
    /// Two singles.
    Complex64,
}

/// What sort of number a [`Dtype`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Truth values.
    Bool,
    /// Unsigned integers.
    Unsigned,
    /// Signed integers.
    Signed,
    /// Real floating point.
    Float,
    /// Complex floating point.
    Complex,
}

impl Dtype {
    /// Every type with its name and the bytes of one element.
    pub const ALL: [(Self, &'static str, usize); 14] = [
        (Self::Bool, "bool", 1),
        (Self::Uint8, "uint8", 1),
        (Self::Uint16, "uint16", 2),
        (Self::Uint32, "uint32", 4),
        (Self::Uint64, "uint64", 8),
        (Self::Int8, "int8", 1),
        (Self::Int16, "int16", 2),
        (Self::Int32, "int32", 4),
        (Self::Int64, "int64", 8),
        (Self::Float16, "float16", 2),
        (Self::Float32, "float32", 4),
        (Self::Float64, "float64", 8),
        (Self::Bfloat16, "bfloat16", 2),
        (Self::Complex64, "complex64", 8),
    ];

    /// The type at a place of MLX's own numbering.
    pub(crate) fn from_index(index: u8) -> Self {
        Self::ALL[usize::from(index)].0
    }

    /// The type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(dtype, _, _)| *dtype)
    }

    /// The name, as Python's MLX spells it.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        Self::ALL[self as usize].2
    }

    /// What sort of number this is.
    pub fn kind(self) -> Kind {
        match self {
            Self::Bool => Kind::Bool,
            Self::Uint8 | Self::Uint16 | Self::Uint32 | Self::Uint64 => Kind::Unsigned,
            Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64 => Kind::Signed,
            Self::Float16 | Self::Float32 | Self::Float64 | Self::Bfloat16 => Kind::Float,
            Self::Complex64 => Kind::Complex,
        }
    }

    /// Is this a real floating-point type?
    pub fn is_float(self) -> bool {
        self.kind() == Kind::Float
    }

    /// Is this a signed or unsigned integer type?
    pub fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::Signed | Kind::Unsigned)
    }
}

/// A Rust type that is laid out as one of MLX's element types. `bool` arrays are read and written as [`u8`] 0 or 1, which
/// is why [`Element::fits`] is a relation and not a constant.
pub trait Element: Copy + 'static {
    /// The type a new array of these values gets.
    const DTYPE: Dtype;

    /// Can an array of `dtype` be read as this type?
    fn fits(dtype: Dtype) -> bool {
        dtype == Self::DTYPE
    }
}

macro_rules! elements {
    ($($rust:ty => $dtype:ident),* $(,)?) => {
        $(impl Element for $rust { const DTYPE: Dtype = Dtype::$dtype; })*
    };
}

elements! {
    bool => Bool, u16 => Uint16, u32 => Uint32, u64 => Uint64,
    i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
    f16 => Float16, f32 => Float32, f64 => Float64, bf16 => Bfloat16, [f32; 2] => Complex64,
}

impl Element for u8 {
    const DTYPE: Dtype = Dtype::Uint8;

    fn fits(dtype: Dtype) -> bool {
        matches!(dtype, Dtype::Uint8 | Dtype::Bool)
    }
}
