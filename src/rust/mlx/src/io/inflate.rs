//! Decompression of deflated data (RFC 1951), to a length that is known.

use super::bad;
use crate::error::Result;

/// The longest code of a symbol.
const MOST_BITS: usize = 15;

const LENGTH_BASE: [u16; 29] =
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS: [u8; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE: [u16; 30] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
];
const DISTANCE_BITS: [u8; 30] =
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/// The order in which the lengths of the codes of lengths are stored.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Decompresses to exactly `length` bytes; never makes more.
pub(crate) fn inflate(data: &[u8], length: usize) -> Result<Vec<u8>> {
    let mut stream = Stream { data, at: 0, bits: 0, held: 0, out: Vec::new(), length };
    loop {
        let last = stream.take(1)? == 1;
        match stream.take(2)? {
            0 => stream.stored()?,
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                stream.block(&Codes::new(&lengths)?, &Codes::new(&[5; 30])?)?;
            }
            2 => {
                let (literals, distances) = stream.codes()?;
                stream.block(&literals, &distances)?;
            }
            _ => return damaged(),
        }
        if last {
            break;
        }
    }
    if stream.out.len() == length {
        Ok(stream.out)
    } else {
        damaged()
    }
}

fn damaged<T>() -> Result<T> {
    bad("its compressed data is damaged")
}

/// Canonical codes: how many there are of each length, and their symbols in order.
struct Codes {
    counts: [u16; MOST_BITS + 1],
    symbols: Vec<u16>,
}

impl Codes {
    fn new(lengths: &[u8]) -> Result<Self> {
        let mut counts = [0; MOST_BITS + 1];
        for &n in lengths {
            counts[usize::from(n)] += 1;
        }
        counts[0] = 0;
        // more codes than their lengths leave room for
        let mut room = 1_i32;
        for &n in &counts[1..] {
            room = 2 * room - i32::from(n);
            if room < 0 {
                return damaged();
            }
        }
        let mut symbols: Vec<u16> = (0..lengths.len() as u16).filter(|&s| lengths[usize::from(s)] > 0).collect();
        symbols.sort_by_key(|&s| (lengths[usize::from(s)], s));
        Ok(Self { counts, symbols })
    }
}

struct Stream<'a> {
    data: &'a [u8],
    at: usize,
    bits: u32,
    held: u32,
    out: Vec<u8>,
    length: usize,
}

impl Stream<'_> {
    fn take(&mut self, n: u32) -> Result<u32> {
        while self.held < n {
            let Some(&byte) = self.data.get(self.at) else { return damaged() };
            self.at += 1;
            self.bits |= u32::from(byte) << self.held;
            self.held += 8;
        }
        let value = self.bits & ((1 << n) - 1);
        self.bits >>= n;
        self.held -= n;
        Ok(value)
    }

    fn symbol(&mut self, codes: &Codes) -> Result<usize> {
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for &count in &codes.counts[1..] {
            code |= self.take(1)? as i32;
            let count = i32::from(count);
            if code - first < count {
                return Ok(usize::from(codes.symbols[(index + code - first) as usize]));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        damaged()
    }

    fn put(&mut self, byte: u8) -> Result<()> {
        if self.out.len() == self.length {
            return damaged();
        }
        self.out.push(byte);
        Ok(())
    }

    fn stored(&mut self) -> Result<()> {
        (self.bits, self.held) = (0, 0);
        let Some(head) = self.data.get(self.at..self.at + 4) else { return damaged() };
        let n = u16::from_le_bytes([head[0], head[1]]);
        let start = self.at + 4;
        let body = self.data.get(start..start + usize::from(n));
        let Some(body) = body
            .filter(|body| !n == u16::from_le_bytes([head[2], head[3]]) && body.len() <= self.length - self.out.len())
        else {
            return damaged();
        };
        self.out.extend_from_slice(body);
        self.at = start + usize::from(n);
        Ok(())
    }

    /// The codes that a block brings along.
    fn codes(&mut self) -> Result<(Codes, Codes)> {
        let literals = 257 + self.take(5)? as usize;
        let distances = 1 + self.take(5)? as usize;
        let mut lengths = [0; 19];
        for &place in &ORDER[..4 + self.take(4)? as usize] {
            lengths[place] = self.take(3)? as u8;
        }
        let codes = Codes::new(&lengths)?;
        let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
        while lengths.len() < literals + distances {
            let (value, times) = match self.symbol(&codes)? {
                16 => (lengths.last().copied(), 3 + self.take(2)?),
                17 => (Some(0), 3 + self.take(3)?),
                18 => (Some(0), 11 + self.take(7)?),
                length => (Some(length as u8), 1),
            };
            let Some(value) = value else { return damaged() };
            lengths.extend(std::iter::repeat_n(value, times as usize));
        }
        if lengths.len() != literals + distances || literals > 286 || distances > 30 {
            return damaged();
        }
        Ok((Codes::new(&lengths[..literals])?, Codes::new(&lengths[literals..])?))
    }

    fn block(&mut self, literals: &Codes, distances: &Codes) -> Result<()> {
        loop {
            match self.symbol(literals)? {
                byte @ 0..256 => self.put(byte as u8)?,
                256 => return Ok(()),
                symbol @ 257..286 => {
                    let length = self.extended(symbol - 257, &LENGTH_BASE, &LENGTH_BITS)?;
                    let symbol = self.symbol(distances)?;
                    let distance = self.extended(symbol, &DISTANCE_BASE, &DISTANCE_BITS)?;
                    self.repeat(length, distance)?;
                }
                _ => return damaged(),
            }
        }
    }

    fn extended(&mut self, i: usize, base: &[u16], bits: &[u8]) -> Result<usize> {
        let (Some(&base), Some(&bits)) = (base.get(i), bits.get(i)) else { return damaged() };
        Ok(usize::from(base) + self.take(u32::from(bits))? as usize)
    }

    /// Repeats what was written `distance` bytes ago.
    fn repeat(&mut self, length: usize, distance: usize) -> Result<()> {
        let Some(from) = self.out.len().checked_sub(distance) else { return damaged() };
        for i in from..from + length {
            self.put(self.out[i])?;
        }
        Ok(())
    }
}
