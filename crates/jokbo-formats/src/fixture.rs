//! Small files for the unit tests.

/// A safetensors file with this header text, and `data` bytes 0, 1, 2, … after it.
pub(crate) fn safetensors_file(header: &str, data: u8) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(0..data);
    file
}
