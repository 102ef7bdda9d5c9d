//! What a file is, told from its bytes. The name decides only where the content does not.

use std::path::Path;

use super::error::ReadFault;

/// A kind of content that one of the readers takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Delimited text.
    Text,
    /// Apache Parquet.
    Parquet,
    /// SAS transport, version 5.
    XptV5,
    /// SAS transport, version 8.
    XptV8,
    /// SAS dataset.
    Sas7bdat,
    /// JSON of some kind.
    Json,
    /// A gzip stream around one of the others.
    Gzip,
}

/// A kind of file that holds no dataset this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// An Excel workbook, `.xlsx` or `.xls`.
    Excel,
    /// A zip archive.
    Zip,
    /// A web page.
    Html,
    /// XML, such as Define-XML or Dataset-XML.
    Xml,
    /// A PDF document.
    Pdf,
    /// An RTF document.
    Rtf,
    /// A SAS transport file written by PROC CPORT.
    Cport,
    /// A file of R (`.rds`, `.RData`).
    R,
    /// A file of SPSS.
    Spss,
    /// A file of Stata.
    Stata,
    /// Arrow or Feather.
    Arrow,
    /// Compression other than gzip.
    OtherCompression,
    /// Gzip inside gzip.
    NestedGzip,
}

impl Foreign {
    /// What to do with such a file.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Excel => "export the sheet as CSV (UTF-8), or better the dataset from its source: Excel changes dates and identifiers",
            Self::Zip => "unpack the archive and name the dataset inside",
            Self::Html => "the download has probably failed and saved an error page: fetch the file again",
            Self::Xml | Self::Pdf | Self::Rtf => "name the dataset itself: CSV, Parquet, SAS transport, SAS7BDAT or Dataset-JSON 1.1",
            Self::Cport => "write the transport file with the XPORT engine or the %loc2xpt macro, not with PROC CPORT",
            Self::R | Self::Spss | Self::Stata | Self::Arrow => "export the dataset as CSV, Parquet, SAS transport or Dataset-JSON 1.1",
            Self::OtherCompression => "decompress the file, or compress it with gzip",
            Self::NestedGzip => "compress the file once only",
        }
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Excel => "an Excel workbook",
            Self::Zip => "a zip archive",
            Self::Html => "a web page (HTML)",
            Self::Xml => "an XML file",
            Self::Pdf => "a PDF document",
            Self::Rtf => "an RTF document",
            Self::Cport => "a SAS file written by PROC CPORT",
            Self::R => "an R data file",
            Self::Spss => "an SPSS file",
            Self::Stata => "a Stata file",
            Self::Arrow => "an Arrow file",
            Self::OtherCompression => "a compressed file of a kind that is not read",
            Self::NestedGzip => "a gzip file inside a gzip file",
        })
    }
}

const SAS7BDAT: [u8; 32] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc2, 0xea, 0x81, 0x60, 0xb3, 0x14, 0x11, 0xcf, 0xbd, 0x92, 0x08, 0, 0x09, 0xc7, 0x31, 0x8c, 0x18,
    0x1f, 0x10, 0x11,
];

/// First bytes of files that hold no dataset this program reads.
const FOREIGN: [(&[u8], Foreign); 19] = [
    (b"%PDF", Foreign::Pdf),
    (b"{\\rtf", Foreign::Rtf),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::Excel),
    (b"**COMPRESSED**", Foreign::Cport),
    (b"RDX2\n", Foreign::R),
    (b"RDX3\n", Foreign::R),
    (b"X\n\0\0\0", Foreign::R),
    (b"$FL2", Foreign::Spss),
    (b"$FL3", Foreign::Spss),
    (b"<stata_dta>", Foreign::Stata),
    (b"ARROW1", Foreign::Arrow),
    (b"FEA1", Foreign::Arrow),
    (b"BZh9", Foreign::OtherCompression),
    (b"\xfd7zXZ\0", Foreign::OtherCompression),
    (b"\x28\xb5\x2f\xfd", Foreign::OtherCompression),
    (b"7z\xbc\xaf\x27\x1c", Foreign::OtherCompression),
    (b"Rar!\x1a\x07", Foreign::OtherCompression),
    (b"\x1f\x9d", Foreign::OtherCompression),
    (b"PAR2\0", Foreign::OtherCompression),
];

/// Tells the content of `bytes`.
///
/// # Errors
/// An empty file, a file of a known foreign kind, or content that fits neither any format nor the extension.
pub(super) fn sniff(bytes: &[u8], path: &Path) -> Result<Content, ReadFault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadFault::Empty);
    }
    if let Some(content) = by_magic(bytes) {
        return Ok(content);
    }
    if let Some(foreign) = foreign(bytes) {
        return Err(ReadFault::NotATable(foreign));
    }
    if text_start(bytes).first() == Some(&b'{') || text_start(bytes).first() == Some(&b'[') {
        return Ok(Content::Json);
    }
    let extension = extension(path);
    if matches!(extension.as_str(), "xpt" | "xport" | "sas7bdat" | "parquet" | "json" | "ndjson" | "gz") && !is_delimited(bytes) {
        return Err(ReadFault::Unrecognised { extension });
    }
    Ok(Content::Text)
}

fn by_magic(bytes: &[u8]) -> Option<Content> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        Some(Content::Gzip)
    } else if bytes.starts_with(b"PAR1") {
        Some(Content::Parquet)
    } else if bytes.starts_with(b"HEADER RECORD*******LIBRARY") {
        Some(Content::XptV5)
    } else if bytes.starts_with(b"HEADER RECORD*******LIBV8") {
        Some(Content::XptV8)
    } else if bytes.starts_with(&SAS7BDAT) {
        Some(Content::Sas7bdat)
    } else {
        None
    }
}

fn foreign(bytes: &[u8]) -> Option<Foreign> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let excel = contains(bytes, b"xl/workbook") || contains(bytes, b"xl/worksheets");
        return Some(if excel { Foreign::Excel } else { Foreign::Zip });
    }
    if let Some((_, kind)) = FOREIGN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(*kind);
    }
    let text = text_start(bytes);
    if text.first() != Some(&b'<') {
        return None;
    }
    let start = String::from_utf8_lossy(text.get(..512).unwrap_or(text)).to_lowercase();
    let html = start.starts_with("<!doctype html") || start.contains("<html") || start.starts_with("<head") || start.starts_with("<body");
    Some(if html { Foreign::Html } else { Foreign::Xml })
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The bytes after a UTF-8 byte order mark and leading white space.
fn text_start(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

/// Whether content without a signature looks like delimited text: a first line with a separator, no NUL bytes (UTF-16 has a mark).
fn is_delimited(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let header = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    header.len() < bytes.len() && header.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) && !bytes.contains(&0)
}

/// Extension of the file, lower case, without that of a compression.
fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8], name: &str) -> Result<Content, String> {
        sniff(bytes, Path::new(name)).map_err(|fault| fault.code().to_string())
    }

    #[test]
    fn content_decides_and_the_name_breaks_ties() {
        assert_eq!(kind(b"A,B\n1,2\n", "adsl.xpt"), Ok(Content::Text));
        assert_eq!(kind(b"A\n1\n", "adsl.csv"), Ok(Content::Text));
        assert_eq!(kind(b"A\n1\n", "adsl.xpt"), Err("file-unrecognised".into()));
        assert_eq!(kind(b"PAR1....PAR1", "adsl.csv"), Ok(Content::Parquet));
        assert_eq!(kind(b"\xef\xbb\xbf {\"a\": 1}", "adsl.csv"), Ok(Content::Json));
    }

    #[test]
    fn foreign_files_are_named() {
        for (bytes, expected) in [
            (&b"PK\x03\x04....xl/workbook.xml"[..], Foreign::Excel),
            (b"PK\x03\x04....a.csv", Foreign::Zip),
            (b"\n\n<!DOCTYPE html><html>404</html>", Foreign::Html),
            (b"<?xml version=\"1.0\"?><ODM/>", Foreign::Xml),
            (b"%PDF-1.7", Foreign::Pdf),
            (b"{\\rtf1", Foreign::Rtf),
        ] {
            assert!(matches!(sniff(bytes, Path::new("adae.xpt")), Err(ReadFault::NotATable(found)) if found == expected), "{expected}");
        }
        assert_eq!(kind(b" \r\n\n", "a.csv"), Err("file-empty".into()));
        assert_eq!(kind(b"", "a.csv"), Err("file-empty".into()));
    }
}
