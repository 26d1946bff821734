//! Models of CTranslate2 for the tests, written by hand, lawful or not.

/// A text with its length and its end.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len() + 1).expect("a short text").to_le_bytes();
    [&length[..], text.as_bytes(), &[0]].concat()
}

/// A variable of this name, shape, type and bytes.
pub(crate) fn variable(name: &str, shape: &[u32], number: u8, bytes: &[u8]) -> Vec<u8> {
    let axes = u8::try_from(shape.len()).expect("a few axes");
    let shape: Vec<u8> = shape.iter().flat_map(|axis| axis.to_le_bytes()).collect();
    let size = u32::try_from(bytes.len()).expect("a small variable").to_le_bytes();
    [&text(name)[..], &[axes], &shape, &[number], &size, bytes].concat()
}

/// A file with `count` for its number of variables, these variables, and these other names.
pub(crate) fn file(count: u32, variables: &[Vec<u8>], aliases: &[(&str, &str)]) -> Vec<u8> {
    let mut file = 6u32.to_le_bytes().to_vec();
    file.extend(text("TestSpec"));
    file.extend(3u32.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(variables.concat());
    file.extend(u32::try_from(aliases.len()).expect("a few names").to_le_bytes());
    for (alias, name) in aliases {
        file.extend([text(alias), text(name)].concat());
    }
    file
}
