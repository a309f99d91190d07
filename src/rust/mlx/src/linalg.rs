//! Linear algebra. Matrices are the last two axes. Decompositions run on the CPU, where MLX has LAPACK; LAPACK's own
//! failures show when the result is computed.

use crate::array::{unpack, Array};
use crate::bridge::ffi;
use crate::error::{Error, Result};
use crate::ops::Device;
use cxx::{Exception, UniquePtr};

/// The members of a vector that has `N` of them.
fn exactly<const N: usize>(made: std::result::Result<UniquePtr<ffi::Arrays>, Exception>) -> Result<[Array; N]> {
    let packed = made?;
    unpack(&packed)?.try_into().map_err(|_| Error::Backend("another number of results than expected".into()))
}

/// Matrices must be `float32` or `float64` (complex where that is said) and hold an element, unless it says otherwise.
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// The solution `x` of `self x = b`, and a lower bound of the 1-norm of the inverse of `self`, one for each matrix.
    pub fn solve(&self, b: &Self) -> Result<[Self; 2]> {
        exactly(ffi::solve(&self.0, &b.0))
    }

    /// The inverse.
    pub fn inverse(&self) -> Result<Self> {
        Ok(Self(ffi::inverse(&self.0, false, false)?))
    }

    /// The solution of `self x = b`, `self` being triangular, for stacks of matrices too; the leading axes of both agree.
    pub fn solve_triangle(&self, b: &Self, upper: bool) -> Result<Self> {
        Ok(Self(ffi::solve_triangle(&self.0, &b.0, upper)?))
    }

    /// The inverse of a triangular matrix; the other triangle is not read.
    pub fn triangular_inverse(&self, upper: bool) -> Result<Self> {
        Ok(Self(ffi::inverse(&self.0, true, upper)?))
    }

    /// The Moore-Penrose inverse.
    pub fn pinv(&self) -> Result<Self> {
        Ok(Self(ffi::pinv(&self.0)?))
    }

    /// The Cholesky factor, made of the same triangle of `self`, and its diagonal as far as LAPACK got. Where an element of
    /// the diagonal is not positive, `self` is not positive definite, and the factor is `NaN`.
    pub fn cholesky(&self, upper: bool) -> Result<[Self; 2]> {
        exactly(ffi::cholesky(&self.0, upper))
    }

    /// `q` and `r`, reduced.
    pub fn qr(&self) -> Result<[Self; 2]> {
        exactly(ffi::qr(&self.0))
    }

    /// The row of `l` that makes each row of `self` (from 0), `l` and `u`.
    pub fn lu(&self) -> Result<[Self; 3]> {
        exactly(ffi::lu(&self.0))
    }

    /// `u`, the singular values (the greatest first) and `v`; `u` and `v` are square. Complex matrices too.
    pub fn svd(&self) -> Result<[Self; 3]> {
        exactly(ffi::svd(&self.0))
    }

    /// The singular values, the greatest first. Complex matrices too.
    pub fn singular_values(&self) -> Result<Self> {
        Ok(Self(ffi::singular_values(&self.0)?))
    }

    /// Eigenvalues, ascending, and eigenvectors of a symmetric or Hermitian matrix, of which one triangle is read.
    pub fn eigh(&self, upper: bool) -> Result<[Self; 2]> {
        exactly(ffi::eigh(&self.0, upper))
    }

    /// As [`Array::eigh`], the values alone.
    pub fn eigvalsh(&self, upper: bool) -> Result<Self> {
        Ok(Self(ffi::eigvalsh(&self.0, upper)?))
    }

    /// Eigenvalues and eigenvectors, complex, of any square matrix.
    pub fn eig(&self) -> Result<[Self; 2]> {
        exactly(ffi::eig(&self.0))
    }

    /// As [`Array::eig`], the values alone.
    pub fn eigvals(&self) -> Result<Self> {
        Ok(Self(ffi::eigvals(&self.0)?))
    }

    /// The cross product along an axis, counted from the end with a negative number.
    pub fn cross(&self, other: &Self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::cross(&self.0, &other.0, axis, device.is_gpu())?))
    }

    /// The Kronecker product.
    pub fn kron(&self, other: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::kron(&self.0, &other.0, device.is_gpu())?))
    }
}
