//! Apache Parquet to a frame.

use std::io::Cursor;
use std::sync::Arc;

use polars::prelude::*;

use super::Kind;
use super::encoding::lost_characters;
use super::error::{ReadFault, first_line};
use super::guard::guarded;
use super::note::ReadNote;
use super::parquet_pages::{Announced, check_column};
use super::structure::check_names;

/// Reads a Parquet file as it is: numbers, dates and times keep their types, dictionaries and categories become text.
///
/// # Errors
/// A damaged or cut-off file, columns of lists or structures, or a count of rows that the file's own counts contradict.
pub(super) fn read(bytes: &[u8], expect: &dyn Fn(&str) -> Kind) -> Result<(DataFrame, Vec<ReadNote>), ReadFault> {
    if !bytes.ends_with(b"PAR1") {
        return Err(ReadFault::Truncated { detail: "it does not end as a Parquet file ends".into() });
    }
    let (frame, announced) = guarded(|| frame_and_count(bytes)).map_err(|detail| ReadFault::Corrupt { detail: first_line(&detail) })??;
    if frame.height() != announced {
        return Err(ReadFault::RowCount { expected: announced, read: frame.height() });
    }
    if frame.width() == 0 {
        return Err(ReadFault::NoVariables);
    }
    let names: Vec<String> = frame.get_column_names().into_iter().map(ToString::to_string).collect();
    check_names(&names)?;
    let columns = frame.columns().iter().map(|column| plain(column, expect)).collect::<Result<Vec<Column>, ReadFault>>()?;
    let frame = DataFrame::new(announced, columns)?;
    let notes = lost_characters(&frame);
    Ok((frame, notes))
}

/// The frame, and the number of rows that footer, columns and pages agree on.
fn frame_and_count(bytes: &[u8]) -> Result<(DataFrame, usize), ReadFault> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let mut metadata = reader.get_metadata()?.as_ref().clone();
    // The writer's own schema would bring back categories; without it the types are those of Parquet, and a category is text.
    metadata.key_value_metadata = None;
    let announced = metadata.num_rows;
    let mut counted = 0;
    for group in &metadata.row_groups {
        counted += group.num_rows();
        for chunk in group.parquet_columns() {
            let values = u64::try_from(chunk.num_values()).unwrap_or(0);
            let flat = chunk.descriptor().descriptor.max_rep_level == 0;
            if flat && values != group.num_rows() as u64 {
                return Err(ReadFault::RowCount { expected: group.num_rows(), read: usize::try_from(values).unwrap_or(0) });
            }
            let length = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
            let pages = Announced { place: chunk.byte_range(), values, length };
            check_column(bytes, &pages).map_err(|detail| ReadFault::Corrupt { detail })?;
        }
    }
    if counted != announced {
        return Err(ReadFault::RowCount { expected: announced, read: counted });
    }
    reader.set_metadata(Arc::new(metadata));
    let schema = reader.schema()?;
    for field in schema.iter_values() {
        // A type that the frame library was built without makes it panic.
        let known = guarded(|| DataType::from_arrow_field(field)).is_ok_and(|dtype| !dtype.is_nested());
        if !known {
            return Err(ReadFault::UnsupportedColumn { column: field.name.to_string(), dtype: format!("{:?}", field.dtype()) });
        }
    }
    let frame = reader.finish()?;
    Ok((frame, announced))
}

/// A column of a type that the next layer takes.
fn plain(column: &Column, expect: &dyn Fn(&str) -> Kind) -> Result<Column, ReadFault> {
    let cast = |dtype: &DataType| Ok(column.strict_cast(dtype)?);
    match column.dtype() {
        DataType::Null if expect(column.name()) == Kind::Number => cast(&DataType::Float64),
        DataType::Null | DataType::Binary => cast(&DataType::String),
        dtype if dtype.is_primitive_numeric() || dtype.is_temporal() => Ok(column.clone()),
        DataType::String | DataType::Boolean => Ok(column.clone()),
        dtype if dtype.to_string().starts_with("decimal") => cast(&DataType::Float64),
        dtype => Err(ReadFault::UnsupportedColumn { column: column.name().to_string(), dtype: dtype.to_string() }),
    }
}
