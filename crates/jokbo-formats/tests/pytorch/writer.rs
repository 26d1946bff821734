//! PyTorch files for the tests: pickles and zip archives written by hand, lawful or not.

/// A pickle, instruction by instruction.
#[derive(Clone, Default)]
pub(crate) struct Pickle(pub(crate) Vec<u8>);

impl Pickle {
    /// One of protocol 2, as PyTorch writes.
    pub(crate) fn new() -> Self {
        Self(b"\x80\x02".to_vec())
    }

    /// Instructions as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).expect("a short text").to_le_bytes();
        self.raw(b"X").raw(&length).raw(text.as_bytes())
    }

    pub(crate) fn int(self, number: i64) -> Self {
        self.raw(b"\x8a\x08").raw(&number.to_le_bytes())
    }

    pub(crate) fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    fn ints(self, numbers: &[u64]) -> Self {
        let number = |all: Self, n: &u64| all.int(i64::try_from(*n).expect("a small number"));
        numbers.iter().fold(self.raw(b"("), number).raw(b"t")
    }

    pub(crate) fn storage(self, class: &str, key: &str, elements: i64) -> Self {
        let storage = self.raw(b"(").text("storage").global("torch", class).text(key);
        storage.text("cpu").int(elements).raw(b"tQ")
    }

    /// A tensor that begins `offset` elements into a storage of `elements`.
    pub(crate) fn tensor(
        self,
        (class, key, elements): (&str, &str, i64),
        offset: i64,
        shape: &[u64],
        strides: &[u64],
    ) -> Self {
        let tensor = self.global("torch._utils", "_rebuild_tensor_v2").raw(b"(");
        let tensor = tensor.storage(class, key, elements).int(offset).ints(shape).ints(strides);
        tensor.raw(b"\x89").global("collections", "OrderedDict").raw(b")RtR")
    }

    pub(crate) fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }
}

/// A zip archive, with room for lies.
#[derive(Clone, Default)]
pub(crate) struct Zip {
    pub(crate) body: Vec<u8>,
    pub(crate) directory: Vec<u8>,
    pub(crate) records: u16,
}

impl Zip {
    pub(crate) fn record(self, name: &str, bytes: &[u8]) -> Self {
        let at = self.body.len();
        let mut zip = self.listed(name, bytes.len(), at, 0);
        zip.body.extend(head(b"PK\x03\x04", 0, bytes.len(), name));
        zip.body.extend(b"\0\0");
        zip.body.extend(name.as_bytes());
        zip.body.extend(bytes);
        zip
    }

    /// The same, deflated, with its true sizes and checksum.
    pub(crate) fn deflated(self, name: &str, bytes: &[u8]) -> Self {
        use std::io::Write;
        let packing = flate2::Compression::default();
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), packing);
        packed.write_all(bytes).expect("it is written to memory");
        self.deflated_as(name, &packed.finish().expect("it is memory"), bytes)
    }

    /// The packed bytes `packed`, said to be `bytes`.
    pub(crate) fn deflated_as(self, name: &str, packed: &[u8], bytes: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let (at, line) = (self.body.len(), self.directory.len());
        let mut zip = self.record(name, packed);
        zip.body[at + 8] = 8;
        zip.directory[line + 10] = 8;
        zip.directory[line + 16..line + 20].copy_from_slice(&crc.sum().to_le_bytes());
        let size = u32::try_from(bytes.len()).expect("a small file").to_le_bytes();
        zip.directory[line + 24..line + 28].copy_from_slice(&size);
        zip
    }

    /// A line of the directory alone, for a record of this size at `at`.
    pub(crate) fn listed(mut self, name: &str, size: usize, at: usize, method: u8) -> Self {
        let mut line = head(b"PK\x01\x02\0\0", method, size, name);
        line.extend([0; 12]);
        line.extend(u32::try_from(at).expect("a small file").to_le_bytes());
        line.extend(name.as_bytes());
        self.directory.extend(line);
        self.records += 1;
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = self.body.clone();
        file.extend(&self.directory);
        file.extend(b"PK\x05\x06\0\0\0\0");
        file.extend(self.records.to_le_bytes());
        file.extend(self.records.to_le_bytes());
        let sizes = [self.directory.len(), self.body.len()];
        file.extend(sizes.map(|n| u32::try_from(n).expect("a small file").to_le_bytes()).concat());
        file.extend([0, 0]);
        file
    }
}

/// What a line of the directory and the head of a record have in common, up to the length of the
/// name.
fn head(magic: &[u8], method: u8, size: usize, name: &str) -> Vec<u8> {
    let size = u32::try_from(size).expect("a small file").to_le_bytes();
    let mut head = magic.to_vec();
    head.extend([0, 0, 0, 0, method, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.extend(size);
    head.extend(size);
    head.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
    head
}

/// An archive with this pickle and these storages.
pub(crate) fn archive(pickle: &[u8], storages: &[(&str, &[u8])]) -> Zip {
    let zip = Zip::default().record("m/data.pkl", pickle).record("m/byteorder", b"little");
    storages.iter().fold(zip, |zip, (key, bytes)| zip.record(&format!("m/data/{key}"), bytes))
}

/// A file of the form before the archive, with this pickle and these storages of these many
/// elements.
pub(crate) fn stream(pickle: &[u8], storages: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let mut file = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e".to_vec();
    file.extend(Pickle::new().int(1001).stop());
    file.extend(Pickle::new().raw(b"}").text("little_endian").raw(b"\x88s").stop());
    file.extend(pickle);
    let keys = storages.iter().fold(Pickle::new().raw(b"]("), |keys, (key, ..)| keys.text(key));
    file.extend(keys.raw(b"e").stop());
    for (_, elements, bytes) in storages {
        file.extend(elements.to_le_bytes());
        file.extend(*bytes);
    }
    file
}

/// An archive of one tensor `w` of two numbers.
pub(crate) fn small() -> Zip {
    archive(&small_pickle(), &[("0", &[1, 2, 3, 4, 5, 6, 7, 8])])
}

/// The pickle of it.
pub(crate) fn small_pickle() -> Vec<u8> {
    let pickle = Pickle::new().raw(b"}").text("w");
    pickle.tensor(("FloatStorage", "0", 2), 0, &[2], &[1]).raw(b"s").stop()
}
