//! Was R's generator seeded since a known state, or only used?
//!
//! `set.seed()` fills the state with the sequence x -> 69069 x + 1, which no state reached by use is likely to be. The
//! Mersenne-Twister, R's default, makes its next 624 words of the last (Matsumoto and Nishimura 1998) and can be run
//! backwards, until the known state or a seeded one is met.

const N: usize = 624;
const M: usize = 397;
const MATRIX: u32 = 0x9908_b0df;

/// How many blocks of 624 words to look back: some milliseconds, and over a million numbers.
const FAR: usize = 2000;

/// Was `.Random.seed` made by `set.seed()` after it was `before`, another object? Without a known state, or of another
/// generator, only a state that has not been used since it was seeded is recognised.
pub(crate) fn seeded_since(now: &[i32], before: &[i32]) -> bool {
    let start = if is_twister(now) { 3 } else { 1 };
    if now.get(start..).is_some_and(is_seeded) {
        return true;
    }
    if !is_twister(now) || !is_twister(before) {
        return !now.is_empty() && now == before;
    }
    let mut block = now[2..].to_vec();
    // of the first word only the highest bit belongs to the state
    if block[1..] == before[3..] {
        // use moves the position on
        return now[1] <= before[1];
    }
    for _ in 0..FAR {
        step_back(&mut block);
        if block[1..] == before[3..] {
            return false;
        }
        if is_seeded(&block[1..]) {
            return true;
        }
    }
    false
}

/// R's code of the generator stands in the last two digits; then come its position and its words.
fn is_twister(state: &[i32]) -> bool {
    state.len() == N + 2 && state[0] % 100 == 3
}

fn is_seeded(words: &[i32]) -> bool {
    words.len() > 1 && words.windows(2).all(|pair| pair[1] == pair[0].wrapping_mul(69069).wrapping_add(1))
}

/// Replaces a block by the one that it was made of.
fn step_back(block: &mut [i32]) {
    // word k of a block is made of the highest bit of the old word k, the other bits of old word k + 1, and word k + M
    let bits = |made: i32, partner: i32| {
        let x = (made ^ partner) as u32;
        if x >> 31 == 1 {
            ((x ^ MATRIX) << 1) | 1
        } else {
            x << 1
        }
    };
    let mut upper = bits(block[N - 1], block[M - 1]);
    for k in (0..N).rev() {
        let lower = if k == 0 { bits(block[N - 1], block[M - 1]) } else { bits(block[k - 1], block[(k - 1 + M) % N]) };
        block[k] = ((upper & 0x8000_0000) | (lower & 0x7fff_ffff)) as i32;
        upper = lower;
    }
}
