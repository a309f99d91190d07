//! Reading strided memory in column-major order.

use std::mem::MaybeUninit;

/// Side of a square tile: two tiles of doubles fit the first-level cache.
const TILE: usize = 32;

/// One axis of the walk: its length, and the steps in the source and in the output.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    from: isize,
    to: usize,
}

/// Writes all elements to `out`, the first axis fastest.
///
/// # Safety
/// `source`, `shape` and `strides` must describe readable memory, and `out` must have one slot for each element (at
/// least one).
pub(crate) unsafe fn column_major<T: Copy, U>(
    source: *const T,
    shape: &[i32],
    strides: &[i64],
    out: &mut [MaybeUninit<U>],
    convert: impl Fn(T) -> U + Copy,
) {
    let axes = walk(shape, strides);
    if axes.iter().all(|axis| axis.from == axis.to as isize) {
        // SAFETY: the elements lie one behind the other, as many as there are slots.
        let values = unsafe { std::slice::from_raw_parts(source, out.len()) };
        for (slot, value) in out.iter_mut().zip(values) {
            slot.write(convert(*value));
        }
        return;
    }
    let near = (0..axes.len()).min_by_key(|&i| axes[i].from.unsigned_abs()).unwrap_or(0);
    let (first, second) = (axes[0], if near == 0 { None } else { Some(axes[near]) });
    let outer: Vec<Axis> =
        axes.iter().enumerate().filter(|&(i, _)| i != 0 && i != near).map(|(_, axis)| *axis).collect();
    each(&outer, |from, to| {
        let second = second.unwrap_or(Axis { len: 1, from: 0, to: 0 });
        // SAFETY: every offset is that of an element.
        unsafe { tiles(source.offset(from), &mut out[to..], first, second, convert) };
    });
}

/// The axes with more than one element.
fn walk(shape: &[i32], strides: &[i64]) -> Vec<Axis> {
    let mut to = 1;
    let mut axes = Vec::with_capacity(shape.len());
    for (&side, &stride) in shape.iter().zip(strides) {
        let len = side as usize;
        if len > 1 {
            axes.push(Axis { len, from: stride as isize, to });
        }
        to *= len;
    }
    axes
}

/// Calls `visit` with the offsets in source and output of every combination of the outer axes.
fn each(axes: &[Axis], mut visit: impl FnMut(isize, usize)) {
    let mut index = vec![0; axes.len()];
    let (mut from, mut to) = (0_isize, 0_usize);
    loop {
        visit(from, to);
        let mut k = 0;
        loop {
            let Some(axis) = axes.get(k) else { return };
            index[k] += 1;
            from += axis.from;
            to += axis.to;
            if index[k] < axis.len {
                break;
            }
            from -= axis.from * axis.len as isize;
            to -= axis.to * axis.len;
            index[k] = 0;
            k += 1;
        }
    }
}

/// Copies a plane tile by tile, so that both sides stay in the cache.
///
/// # Safety
/// As for [`column_major`].
unsafe fn tiles<T: Copy, U>(
    source: *const T,
    out: &mut [MaybeUninit<U>],
    first: Axis,
    second: Axis,
    convert: impl Fn(T) -> U + Copy,
) {
    let tile = if second.len == 1 { first.len } else { TILE };
    for j0 in (0..second.len).step_by(TILE) {
        for i0 in (0..first.len).step_by(tile) {
            for j in j0..second.len.min(j0 + TILE) {
                for i in i0..first.len.min(i0 + tile) {
                    let offset = i as isize * first.from + j as isize * second.from;
                    // SAFETY: i and j are within the plane.
                    let value = unsafe { *source.offset(offset) };
                    out[i * first.to + j * second.to].write(convert(value));
                }
            }
        }
    }
}
