//! A writer of small GGUF files, lawful ones and others.

#![allow(dead_code, reason = "each test that includes this file uses a part of it")]

/// A file in the making.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    big: bool,
    version: u32,
    alignment: usize,
    pairs: Vec<Vec<u8>>,
    infos: Vec<Vec<u8>>,
    data: Vec<u8>,
}

impl Writer {
    /// Version 3, little-endian, nothing in it.
    pub(crate) fn new() -> Self {
        let (pairs, infos, data) = (Vec::new(), Vec::new(), Vec::new());
        Self { big: false, version: 3, alignment: 32, pairs, infos, data }
    }

    /// The same file in the other byte order; before anything is added.
    pub(crate) fn big(self) -> Self {
        Self { big: true, ..self }
    }

    /// Another version.
    pub(crate) fn version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// Tensors begin at multiples of this, which is not told.
    pub(crate) fn alignment(self, alignment: usize) -> Self {
        Self { alignment, ..self }
    }

    fn turn(&self, mut number: Vec<u8>) -> Vec<u8> {
        if self.big {
            number.reverse();
        }
        number
    }

    /// A number of 32 bits.
    pub(crate) fn u32(&self, number: u32) -> Vec<u8> {
        self.turn(number.to_le_bytes().to_vec())
    }

    /// A number of 64 bits.
    pub(crate) fn u64(&self, number: u64) -> Vec<u8> {
        self.turn(number.to_le_bytes().to_vec())
    }

    /// A text with its length.
    pub(crate) fn text(&self, text: &[u8]) -> Vec<u8> {
        [self.u64(text.len() as u64), text.to_vec()].concat()
    }

    /// A key of a type by number, with these bytes as its value.
    pub(crate) fn raw(mut self, key: &[u8], of: u32, value: &[u8]) -> Self {
        self.pairs.push([self.text(key), self.u32(of), value.to_vec()].concat());
        self
    }

    /// A key whose value is a number of 32 bits.
    pub(crate) fn number(self, key: &str, number: u32) -> Self {
        let value = self.u32(number);
        self.raw(key.as_bytes(), 4, &value)
    }

    /// A key whose value is a text.
    pub(crate) fn string(self, key: &str, text: &str) -> Self {
        let value = self.text(text.as_bytes());
        self.raw(key.as_bytes(), 8, &value)
    }

    /// A key whose value is an array of texts.
    pub(crate) fn strings(self, key: &str, texts: &[&str]) -> Self {
        let mut value = [self.u32(8), self.u64(texts.len() as u64)].concat();
        value.extend(texts.iter().flat_map(|text| self.text(text.as_bytes())));
        self.raw(key.as_bytes(), 9, &value)
    }

    /// An entry of the table that points to byte `offset` of the data. `axes` are innermost first.
    pub(crate) fn entry(mut self, name: &[u8], axes: &[u64], of: u32, offset: u64) -> Self {
        let axes_bytes = axes.iter().flat_map(|&axis| self.u64(axis));
        let mut info =
            [self.text(name), self.u32(u32::try_from(axes.len()).expect("a few"))].concat();
        info.extend(axes_bytes);
        info.extend([self.u32(of), self.u64(offset)].concat());
        self.infos.push(info);
        self
    }

    /// A tensor with its bytes, after those before it. `axes` are innermost first.
    pub(crate) fn tensor(mut self, name: &str, axes: &[u64], of: u32, bytes: &[u8]) -> Self {
        self.data.resize(self.data.len().next_multiple_of(self.alignment), 0);
        let offset = self.data.len() as u64;
        self.data.extend(bytes);
        self.entry(name.as_bytes(), axes, of, offset)
    }

    /// Bytes after the last tensor.
    pub(crate) fn data(mut self, bytes: &[u8]) -> Self {
        self.data.extend(bytes);
        self
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = self.head(self.infos.len() as u64, self.pairs.len() as u64);
        file.extend(self.pairs.concat());
        file.extend(self.infos.concat());
        if !self.infos.is_empty() {
            file.resize(file.len().next_multiple_of(self.alignment), 0);
        }
        file.extend(&self.data);
        file
    }

    /// The first 24 bytes, which announce so much.
    pub(crate) fn head(&self, tensors: u64, pairs: u64) -> Vec<u8> {
        [b"GGUF".to_vec(), self.u32(self.version), self.u64(tensors), self.u64(pairs)].concat()
    }
}
