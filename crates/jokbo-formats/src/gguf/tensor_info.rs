//! One entry of the tensor table: name, dimensions, type and offset, checked against themselves.

use super::cursor::Cursor;
use super::ggml_type;
use crate::error::{ErrorKind, Place};
use crate::limits::NAME_LIMIT;
use crate::oddity::Oddities;
use crate::{ByteOrder, Dtype, Error};

/// Most dimensions of a tensor: ggml has no more.
const AXES: usize = 4;

/// One tensor as the table has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) name: String,
    /// Outermost axis first; the file has them the other way around.
    pub(super) shape: Vec<u64>,
    /// ggml's number of the type.
    pub(super) stored: u32,
    /// First byte after the start of the data.
    pub(super) offset: u64,
}

/// Reads the next entry.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
    let what = "the entry of a tensor";
    let name = cursor.name(NAME_LIMIT, "the name of a tensor")?;
    let axes = cursor.u32(what)?;
    let axes = match usize::try_from(axes) {
        Ok(axes) if axes <= AXES => axes,
        _ => return Err(cursor.fails(ErrorKind::TooManyAxes { limit: AXES })),
    };
    let mut shape = Vec::with_capacity(axes);
    for _ in 0..axes {
        shape.push(cursor.u64(what)?);
    }
    shape.reverse();
    Ok(Claim { name, shape, stored: cursor.u32(what)?, offset: cursor.u64(what)? })
}

/// The type of a claim and the bytes it fills, or `None` when its type is not read.
pub(super) fn size(
    claim: &Claim,
    order: ByteOrder,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<Option<(Dtype, u64)>, Error> {
    let fails = |kind| place.clone().tensor(&claim.name).error(kind);
    let shape = || claim.shape.clone();
    let elements = claim
        .shape
        .iter()
        .try_fold(1u64, |product, &axis| product.checked_mul(axis))
        .ok_or_else(|| fails(ErrorKind::TooManyElements { shape: shape() }))?;
    if claim.shape.contains(&0) {
        oddities.tell("tensors without elements", Some(&claim.name), "a dimension is 0");
    }
    let Some(dtype) = ggml_type::numbered(claim.stored) else { return Ok(None) };
    if order == ByteOrder::Big && !dtype.has_plain_fields() {
        return Ok(None);
    }
    let row = claim.shape.last().copied().unwrap_or(1);
    if !row.is_multiple_of(dtype.block_elements()) {
        let (dtype, block) = (dtype.to_string(), dtype.block_elements());
        return Err(fails(ErrorKind::EndsWithinBlock { dtype, row, block }));
    }
    let bytes = dtype.packed(elements);
    let too_many = || ErrorKind::TooManyBits { dtype: dtype.to_string(), shape: shape() };
    Ok(Some((dtype, bytes.ok_or_else(|| fails(too_many()))?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn entry(axes: &[u64], stored: u32) -> Vec<u8> {
        let mut bytes = 1u64.to_le_bytes().to_vec();
        bytes.push(b'a');
        bytes.extend(u32::try_from(axes.len()).unwrap().to_le_bytes());
        bytes.extend(axes.iter().flat_map(|axis| axis.to_le_bytes()));
        bytes.extend(stored.to_le_bytes());
        bytes.extend(64u64.to_le_bytes());
        bytes
    }

    fn claim(axes: &[u64], stored: u32) -> Result<Claim, String> {
        let (file, place) = (Memory(entry(axes, stored)), Place::file("m"));
        read(&mut Cursor::new(&file, &place, 0)).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn sizes(axes: &[u64], stored: u32, want: Result<Option<(Dtype, u64)>, &str>) {
        let claim = claim(axes, stored).unwrap();
        let mut oddities = Oddities::of("m");
        let got = size(&claim, ByteOrder::Little, &Place::file("m"), &mut oddities);
        assert_eq!(got.map_err(|error| error.to_string()), want.map_err(str::to_owned));
    }

    #[test]
    fn dimensions_are_turned_around() {
        let want = Claim { name: "a".into(), shape: vec![2, 576], stored: 3, offset: 64 };
        assert_eq!(claim(&[576, 2], 3), Ok(want));
        let five = claim(&[1; 5], 0).unwrap_err();
        assert_eq!(five, "m, at byte 13: the shape has more than 4 axes");
    }

    #[test]
    fn blocks_are_counted_and_must_be_whole() {
        sizes(&[64, 3], 2, Ok(Some((Dtype::Q4_0, 6 * 18))));
        sizes(&[256], 14, Ok(Some((Dtype::Q6K, 210))));
        sizes(&[], 0, Ok(Some((Dtype::F32, 4))));
        sizes(&[5, 7], 9, Ok(None));
        sizes(&[32, 0], 2, Ok(Some((Dtype::Q4_0, 0))));
        sizes(
            &[16, 2],
            2,
            Err(
                "m, tensor `a`: a row of 16 elements is not made of whole blocks of Q4_0, which hold 32",
            ),
        );
        sizes(
            &[1 << 32, 1 << 32],
            0,
            Err(
                "m, tensor `a`: the shape [4294967296, 4294967296] has more elements than 64 bits can count",
            ),
        );
        sizes(
            &[1 << 62],
            0,
            Err(
                "m, tensor `a`: the shape [4611686018427387904] of F32 has more bits than 64 bits can count",
            ),
        );
    }
}
