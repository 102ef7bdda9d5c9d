//! The bytes of one file to one raw table that has lost nothing, or a typed error.
//!
//! What a file is follows from its content ([`Format`]). Each reader checks the structure of its format on its own before or after the
//! reading library does its work, so that a file that is cut off, doubled, of several datasets or in another encoding is an error or a
//! note, never silently a smaller trial. What the columns mean, and whether they are what the analysis needs, is for the next layer.

mod dataset_json;
mod delimited;
mod encoding;
mod error;
mod guard;
mod note;
mod parquet;
mod parquet_pages;
mod record;
mod sas;
mod sas_pages;
mod sniff;
mod structure;
mod temporal;
mod xpt;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use polars::prelude::DataFrame;
use sha2::{Digest, Sha256};

pub use error::{ReadError, ReadFault};
pub use note::ReadNote;
pub use sniff::Foreign;
use sniff::{Content, sniff};

/// The format of a file that holds one dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Comma-, semicolon- or tab-separated text.
    Csv,
    /// The same, compressed with gzip.
    CsvGzip,
    /// Apache Parquet.
    Parquet,
    /// SAS transport, version 5.
    XptV5,
    /// SAS transport, version 8 or 9.
    XptV8,
    /// SAS dataset.
    Sas7bdat,
    /// CDISC Dataset-JSON 1.1.
    DatasetJson,
}

impl Format {
    /// Stable name in kebab case.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGzip => "csv-gzip",
            Self::Parquet => "parquet",
            Self::XptV5 => "xpt-v5",
            Self::XptV8 => "xpt-v8",
            Self::Sas7bdat => "sas7bdat",
            Self::DatasetJson => "dataset-json",
        }
    }

    /// Name in text.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::CsvGzip => "CSV (gzip)",
            Self::Parquet => "Parquet",
            Self::XptV5 => "SAS transport, version 5",
            Self::XptV8 => "SAS transport, version 8",
            Self::Sas7bdat => "SAS7BDAT",
            Self::DatasetJson => "Dataset-JSON",
        }
    }
}

/// What the caller's registry says of a column, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, such as identifiers: never read as a number, `001` stays `001`.
    Text,
    /// A number, if all cells are; otherwise the column stays text, for the next layer to interpret.
    Number,
}

/// One dataset as its file has it.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// Name of the dataset that the file itself gives, upper case.
    pub name: Option<String>,
    /// Format of the file.
    pub format: Format,
    /// Rows and columns: text as String; numbers as Float64, or of the type that Parquet gives; dates and time points of SAS and Parquet
    /// as such; SAS times of day as seconds.
    pub frame: DataFrame,
    /// Labels of the variables, where the format has them.
    pub labels: BTreeMap<String, String>,
    /// SHA-256 of the file as it is stored, lower-case hexadecimal.
    pub sha256: String,
    /// Length of the file as it is stored.
    pub bytes: u64,
    /// What a user must know.
    pub notes: Vec<ReadNote>,
}

/// What a reader makes of one file.
#[derive(Debug)]
struct Dataset {
    name: Option<String>,
    frame: DataFrame,
    labels: BTreeMap<String, String>,
    notes: Vec<ReadNote>,
}

/// Reads the file at `path`. `expect` says of a column name whether delimited text holds numbers there.
///
/// # Errors
/// A [`ReadError`] with the file, what is wrong, where, and what to do.
pub fn read_table(path: &Path, expect: &dyn Fn(&str) -> Kind) -> Result<RawTable, ReadError> {
    let (bytes, sha256) = contents(path).map_err(|error| ReadError { path: path.to_path_buf(), fault: ReadFault::Io(error) })?;
    table(path, &bytes, sha256, expect)
}

/// Reads `bytes` as the content of a file named `path`; the file itself is not touched. See [`read_table`].
///
/// # Errors
/// As [`read_table`].
pub fn read_bytes(path: &Path, bytes: &[u8], expect: &dyn Fn(&str) -> Kind) -> Result<RawTable, ReadError> {
    table(path, bytes, hexadecimal(&Sha256::digest(bytes)), expect)
}

fn table(path: &Path, bytes: &[u8], sha256: String, expect: &dyn Fn(&str) -> Kind) -> Result<RawTable, ReadError> {
    let read = read_content(path, bytes, expect);
    let (format, dataset) = read.map_err(|fault| ReadError { path: path.to_path_buf(), fault })?;
    let Dataset { name, frame, labels, notes } = dataset;
    Ok(RawTable { name, format, frame, labels, sha256, bytes: bytes.len() as u64, notes })
}

/// The bytes of a file and their hash, computed piece by piece while the next piece is read.
fn contents(path: &Path) -> std::io::Result<(Vec<u8>, String)> {
    const PIECE: usize = 1 << 22;
    let mut file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(std::io::Error::other)?;
    let mut bytes = vec![0; length];
    let mut hasher = Sha256::new();
    let mut unhashed: &[u8] = &[];
    for piece in bytes.chunks_mut(PIECE) {
        let (read, ()) = rayon::join(|| file.read_exact(piece), || hasher.update(unhashed));
        read?;
        unhashed = piece;
    }
    hasher.update(unhashed);
    let hash = hexadecimal(&hasher.finalize());
    if file.read(&mut [0])? > 0 {
        return Err(std::io::Error::other("the file grew while it was read"));
    }
    Ok((bytes, hash))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_content(path: &Path, bytes: &[u8], expect: &dyn Fn(&str) -> Kind) -> Result<(Format, Dataset), ReadFault> {
    match sniff(bytes, path)? {
        Content::Gzip => {
            let mut inner = Vec::new();
            let read = MultiGzDecoder::new(bytes).read_to_end(&mut inner);
            read.map_err(|error| ReadFault::Compression { detail: error.to_string() })?;
            let name = path.with_extension("");
            match sniff(&inner, &name)? {
                Content::Gzip => Err(ReadFault::NotATable(Foreign::NestedGzip)),
                Content::Text => read_plain(&inner, Content::Text, expect).map(|(_, dataset)| (Format::CsvGzip, dataset)),
                content => read_plain(&inner, content, expect),
            }
        }
        content => read_plain(bytes, content, expect),
    }
}

fn read_plain(bytes: &[u8], content: Content, expect: &dyn Fn(&str) -> Kind) -> Result<(Format, Dataset), ReadFault> {
    let unnamed = |(frame, notes)| Dataset { name: None, frame, labels: BTreeMap::new(), notes };
    Ok(match content {
        Content::Text => (Format::Csv, unnamed(delimited::read(bytes, expect)?)),
        Content::Parquet => (Format::Parquet, unnamed(parquet::read(bytes, expect)?)),
        Content::XptV5 => (Format::XptV5, xpt::read(bytes)?),
        Content::XptV8 => (Format::XptV8, xpt::read(bytes)?),
        Content::Sas7bdat => (Format::Sas7bdat, sas::read_sas7bdat(bytes)?),
        Content::Json => (Format::DatasetJson, dataset_json::read(bytes)?),
        Content::Gzip => return Err(ReadFault::NotATable(Foreign::NestedGzip)),
    })
}
