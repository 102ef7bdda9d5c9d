//! The datasets that a survey looks into.

use std::collections::BTreeMap;
use std::path::Path;

use super::LeftOut;
use super::folder::{Choice, File};
use crate::data::coerce::CUSTOMARY_MISSING;
use crate::data::column::{self, ColumnKind};
use crate::data::dataset::{Dataset, Segment};
use crate::data::format::{Kind, read_table};
use crate::data::name::DatasetName;
use crate::data::stack::{Piece, stack, without_copies};

/// Datasets that are opened; of the others it is enough to know that they are there.
const OPENED: [DatasetName; 8] = [
    DatasetName::Adsl,
    DatasetName::Adex,
    DatasetName::Adpc,
    DatasetName::Adpp,
    DatasetName::Adae,
    DatasetName::Adrs,
    DatasetName::Adtte,
    DatasetName::Adqs,
];

/// Datasets by name.
#[derive(Debug, Default)]
pub(super) struct Tables {
    datasets: BTreeMap<DatasetName, Dataset>,
}

/// One file.
#[derive(Debug)]
pub(super) struct Table {
    /// The name that the file itself gives.
    pub(super) name: Option<String>,
    /// Its rows and columns.
    pub(super) dataset: Dataset,
}

/// Reads a file as a dataset, or says in words why it cannot be read.
pub(super) fn read_file(name: DatasetName, path: &Path) -> Result<Table, String> {
    let expect = |column: &str| match column::kind(name, column) {
        ColumnKind::Number | ColumnKind::Grade => Kind::Number,
        _ => Kind::Text,
    };
    let table = read_table(path, &expect).map_err(|error| error.to_string())?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    // The stem of `adsl.csv.gz` is `adsl`.
    let stem = stem.split('.').next().unwrap_or_default().to_owned();
    let segments = vec![Segment { stem, rows: table.frame.height() }];
    let missing = CUSTOMARY_MISSING.map(str::to_owned).to_vec();
    Ok(Table { name: table.name, dataset: Dataset::new(name, table.frame, segments, missing).with_labels(table.labels) })
}

impl Tables {
    /// Reads the files of a choice. Files that cannot be read, and copies of others, are moved to those that are left out.
    pub(super) fn read(mut choice: Choice) -> (Self, Choice) {
        let mut tables = Self::default();
        for name in OPENED {
            let files: Vec<File> = choice.files.iter().filter(|file| file.dataset == name).cloned().collect();
            let mut pieces = Vec::new();
            for file in &files {
                match read_file(name, &file.path) {
                    Ok(table) => pieces.push(Piece { file: file.file.clone(), dataset: table.dataset }),
                    Err(reason) => choice.left_out.push(LeftOut { file: file.file.clone(), reason }),
                }
            }
            let (kept, _) = without_copies(name, pieces);
            choice.keep(name, &files, &kept);
            if let (Some(dataset), _) = stack(name, kept) {
                tables.datasets.insert(name, dataset);
            }
        }
        (tables, choice)
    }

    /// A dataset, where it is present.
    pub(super) fn get(&self, name: DatasetName) -> Option<&Dataset> {
        self.datasets.get(&name)
    }

    /// The datasets in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Dataset> {
        self.datasets.values()
    }
}

impl Choice {
    /// Keeps of a dataset's files those that were put together, and names them for the build where others lie beside them.
    fn keep(&mut self, name: DatasetName, files: &[File], kept: &[Piece]) {
        let is_kept = |file: &str| kept.iter().any(|piece| piece.file == file);
        if kept.is_empty() || files.iter().all(|file| is_kept(&file.file)) {
            return;
        }
        for file in files.iter().filter(|file| !is_kept(&file.file)) {
            if self.left_out.iter().all(|left_out| left_out.file != file.file) {
                self.left_out.push(LeftOut { file: file.file.clone(), reason: "its records are those of another file".to_owned() });
            }
        }
        self.files.retain(|file| file.dataset != name || is_kept(&file.file));
        self.pinned.insert(name, kept.iter().map(|piece| piece.file.clone()).collect());
    }
}
