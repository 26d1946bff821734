//! Pieces that are something other than safetensors.

use super::piece::Piece;

pub(crate) fn pieces() -> Vec<Piece> {
    let pointer = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
        size 4976698672\n";
    let page = "<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n";
    vec![
        Piece::refused(
            "lfs-pointer.safetensors",
            "is what git leaves when Git LFS is not installed",
            pointer.into(),
            "lfs-pointer.safetensors: the file is a Git LFS pointer to 4976698672 bytes, not the weights",
        ),
        Piece::refused(
            "lfs-pointer-bad-size.safetensors",
            "is a pointer whose size is no number",
            pointer.replace("4976698672", "-1").into(),
            "lfs-pointer-bad-size.safetensors: the file is a Git LFS pointer to a file of unstated size, not the weights",
        ),
        Piece::refused(
            "web-page.safetensors",
            "is an error page saved in place of the weights",
            page.into(),
            "web-page.safetensors: the file is a web page, not the weights",
        ),
        Piece::refused(
            "zip.safetensors",
            "is a PyTorch archive under another name, cut short",
            b"PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0archive/data.pkl".to_vec(),
            "zip.safetensors: the zip archive has no end, so the file is cut short or no archive",
        ),
        Piece::refused(
            "pickle.safetensors",
            "is a pickle under another name, which a loader would run",
            b"\x80\x02}q\0.nothing in it".to_vec(),
            "pickle.safetensors: the file is a Python pickle that PyTorch did not write, a format this version does not read",
        ),
        Piece::refused(
            "gguf.safetensors",
            "is a GGUF file under another name, cut short",
            b"GGUF\x03\0\0\0{\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
            "gguf.safetensors, at byte 24: 123 tensors are announced, and the 0 bytes left cannot hold them",
        ),
        Piece::told(
            "onnx.safetensors",
            "is an ONNX model under another name, with nothing in it",
            b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\x00".to_vec(),
            &["onnx.safetensors: the file holds no tensors"],
        ),
        Piece::refused(
            "hdf5.safetensors",
            "is a Keras file under another name",
            b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec(),
            "hdf5.safetensors: the file is an HDF5 file, as Keras writes, a format this version does not read",
        ),
        Piece::refused(
            "json.safetensors",
            "is an index under a shard's name",
            br#"{"metadata":{},"weight_map":{"a":"a.safetensors"}}"#.to_vec(),
            "json.safetensors: the file is JSON text, not the weights",
        ),
        Piece::refused(
            "text.safetensors",
            "is plain text",
            b"these are not the weights you are looking for\n".to_vec(),
            "text.safetensors: the file begins with the text `these ar`, not with the length of a header",
        ),
    ]
}
