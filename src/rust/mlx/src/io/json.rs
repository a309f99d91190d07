//! The part of JSON that safetensors use: objects, lists, texts, whole numbers and `null`.

use super::bad;
use crate::error::Result;
use std::collections::HashSet;
use std::fmt::Write as _;

/// A value.
#[derive(Debug)]
pub(crate) enum Json {
    Text(String),
    Number(u64),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    Null,
    /// `true`, `false`, a fraction or a negative number: nothing here asks for them.
    Other,
}

/// Objects and lists may be nested this deep.
const MOST_DEPTH: usize = 16;

/// Parses a text that is one value and nothing else but white space.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bad("its header is not UTF-8");
    };
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    if parser.peek().is_some() {
        return parser.damaged("something follows its end");
    }
    Ok(value)
}

/// A text as JSON writes it.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn damaged<T>(&self, what: &str) -> Result<T> {
        bad(format!("its header is no valid JSON: {what} at byte {}", self.at))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json> {
        if depth > MOST_DEPTH {
            return self.damaged("too many levels");
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(_) => self.word(),
            None => self.damaged("it ends"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json> {
        self.at += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen = HashSet::new();
        if self.eat(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.damaged("no name");
            }
            let name = self.string()?;
            if !seen.insert(name.clone()) {
                return bad(format!("its header has the name \"{name}\" twice"));
            }
            if !self.eat(b':') {
                return self.damaged("no ':'");
            }
            members.push((name, self.value(depth + 1)?));
            if self.eat(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.eat(b',') {
                return self.damaged("no ',' or '}'");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json> {
        self.at += 1;
        let mut members = Vec::new();
        if self.eat(b']') {
            return Ok(Json::List(members));
        }
        loop {
            members.push(self.value(depth + 1)?);
            if self.eat(b']') {
                return Ok(Json::List(members));
            }
            if !self.eat(b',') {
                return self.damaged("no ',' or ']'");
            }
        }
    }

    fn word(&mut self) -> Result<Json> {
        let start = self.at;
        while matches!(self.byte(), Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E')) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        match word {
            "null" => return Ok(Json::Null),
            "true" | "false" => return Ok(Json::Other),
            _ => {}
        }
        let digits = word.strip_prefix('-').unwrap_or(word);
        let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
        // JSON has no leading zeros
        if whole > 0 && (whole == 1 || !digits.starts_with('0')) {
            if let Ok(number) = word.parse() {
                return Ok(Json::Number(number));
            }
            if word.parse::<f64>().is_ok() {
                return Ok(Json::Other);
            }
        }
        self.damaged("no value")
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                return self.damaged("a text without end");
            };
            out.push_str(&rest[..end]);
            self.at += end + 1;
            match rest.as_bytes()[end] {
                b'"' if out.contains('\0') => return self.damaged("a NUL in a text"),
                b'"' => return Ok(out),
                b'\\' => out.push(self.escaped()?),
                _ => return self.damaged("a control character in a text"),
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<char> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            Some(c @ (b'"' | b'\\' | b'/')) => c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.damaged("an unknown escape"),
        })
    }

    fn unicode(&mut self) -> Result<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).map_or_else(|| self.damaged("half a character"), Ok);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return self.damaged("half a character");
        }
        self.at += 2;
        let low = self.hex()?;
        if !(0xDC00..0xE000).contains(&low) {
            return self.damaged("half a character");
        }
        let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        char::from_u32(code).map_or_else(|| self.damaged("an unknown character"), Ok)
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|s| s.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return self.damaged("an escape that is no hexadecimal number");
        };
        self.at += 4;
        Ok(value)
    }
}
